import t from 'tap'
import { readCases } from '../../../lib/pipeline-test/case.ts'
import { recordCases } from '../../../lib/pipeline-test/record.ts'
import type { CaseResult } from '../../../lib/pipeline-test/run-case.ts'

const result: CaseResult = {
  entries: [{ line: 'a', timestamp: '2026-01-01T00:00:00Z', labels: { code: '200' } }],
  metrics: '',
  internal_metrics: '',
  ledger: '',
  began: 0,
  ended: 1,
}

const record = (text: string, index: number, more: Partial<CaseResult> = {}): string =>
  recordCases(text, [{ index, test: readCases('f', text, true)[index]!, result: { ...result, ...more } }])

void t.test('YAML keeps its comments and everything else', (tap) => {
  const text = `# of the whole file
tests:
  # the first
  - name: one # beside
    pipeline: |
      stage.docker { }
    input: [{ line: a, timestamp: "2026-01-01T00:00:00Z" }]
    expect: { entries: [] }

  - name: two
    pipeline: ''
    expect_error: true # really
`
  const first = record(text, 0)
  tap.equal(first.split('\n\n')[1], text.split('\n\n')[1], 'other cases stay as they are')
  tap.match(first, '# of the whole file\ntests:\n  # the first\n  - name: one # beside\n')
  tap.match(readCases('f', first)[0]?.expect, { entries: result.entries })
  const metrics = '# HELP a b\n# TYPE a counter\na 1\n'
  const second = record(text, 1, { metrics })
  tap.notMatch(second, 'expect_error')
  tap.match(second, '# beside')
  tap.match(second, '      metrics: |\n        # HELP a b\n        # TYPE a counter\n        a 1\n')
  tap.match(readCases('f', second)[1]?.expect, { entries: result.entries, metrics })
  tap.end()
})

void t.test('comments beside what stays the same stay too', (tap) => {
  const text = `tests:
- name: one
  pipeline: ''
  input: [{ line: a, timestamp: 2026-01-01T00:00:00Z }]
  expect:
    # why there is one
    entries:
      - line: b # the old one
        timestamp: 2026-01-01T00:00:00Z # noon
        labels: { code: "200" }
      - line: gone
    metrics: |
      gone 1
`
  tap.equal(
    record(text, 0),
    `tests:
- name: one
  pipeline: ''
  input: [ { line: a, timestamp: 2026-01-01T00:00:00Z } ]
  expect:
    # why there is one
    entries:
    - line: a # the old one
      timestamp: 2026-01-01T00:00:00Z # noon
      labels: { code: "200" }
`,
  )
  tap.end()
})

void t.test('JSON keeps its indentation', (tap) => {
  const text = JSON.stringify({ tests: [{ name: 'n', pipeline: '', expect_error: true }] }, null, 3)
  const { expect } = JSON.parse(record(`${text}\n`, 0)).tests[0]
  tap.match(expect, { entries: [{ line: 'a' }] })
  tap.match(record(`${text}\n`, 0), /^\{\n {3}"tests"[^]*\}\n$/)
  tap.notMatch(record(text, 0), 'expect_error')
  tap.equal(record('{"tests": [{"name": "n", "pipeline": ""}]}', 0).includes('\n'), false)
  tap.end()
})

void t.test('only what was expected before, or all that there is', (tap) => {
  const expectation = (expect: object | undefined, more: Partial<CaseResult>): string[] => {
    const text = JSON.stringify({ tests: [{ name: 'n', pipeline: '', ...(expect && { expect }) }] })
    return Object.keys(JSON.parse(record(text, 0, more)).tests[0].expect)
  }
  tap.same(expectation(undefined, { metrics: 'a 1\n', internal_metrics: 'b 1\n' }), ['entries', 'metrics'])
  tap.same(expectation({ metrics: '' }, { metrics: 'a 1\n' }), ['metrics'])
  tap.same(expectation({ entries: [], metrics: 'x 1' }, {}), ['entries'])
  tap.same(expectation({ internal_metrics: '' }, { metrics: 'a 1\n', internal_metrics: 'b 1\n' }), [
    'internal_metrics',
  ])
  tap.end()
})

void t.test('the time of the run is left out', (tap) => {
  const text = '{"tests": [{"name": "n", "pipeline": "", "input": [{"line": "a"}]}]}'
  const at = Date.parse('2026-01-01T00:00:00Z')
  const entry = (more: Partial<CaseResult>): object =>
    JSON.parse(record(text, 0, more)).tests[0].expect.entries[0]
  tap.same(entry({ began: at, ended: at + 5 }), { line: 'a', labels: { code: '200' } })
  tap.match(entry({ began: at + 1, ended: at + 5 }), { timestamp: '2026-01-01T00:00:00Z' })
  tap.end()
})
