import t from 'tap'
import type { TestCase, TestEntry } from '../../../lib/pipeline-test/case.ts'
import { compareCase } from '../../../lib/pipeline-test/compare.ts'
import type { CaseResult } from '../../../lib/pipeline-test/run-case.ts'

const result = (entries: TestEntry[], more: Partial<CaseResult> = {}): CaseResult => ({
  entries,
  metrics: '',
  internal_metrics: '',
  ledger: '',
  began: 0,
  ended: 0,
  ...more,
})
const expecting = (expect: TestCase['expect']): TestCase => ({ name: 'n', pipeline: '', expect })
const entry = {
  line: 'a',
  timestamp: '2026-01-01T00:00:00Z',
  labels: { b: 'c' },
  structured_metadata: { d: 'e' },
}

void t.test('what holds has no differences', (tap) => {
  tap.same(compareCase(expecting({ entries: [entry] }), result([entry])), [])
  tap.same(
    compareCase(expecting({ entries: [{ line: 'a' }] }), result([{ line: 'a', timestamp: 'any' }])),
    [],
    'any time will do',
  )
  tap.same(
    compareCase(expecting({}), result([entry], { metrics: 'x' })),
    [],
    'nothing expected, nothing compared',
  )
  tap.same(compareCase(expecting({ metrics: 'a 1\n' }), result([entry], { metrics: 'a 1' })), [])
  tap.end()
})

void t.test('each difference is shown', (tap) => {
  const differ = (want: Partial<TestEntry>): string =>
    compareCase(expecting({ entries: [{ ...entry, ...want }] }), result([entry])).join('\n')
  tap.match(differ({ line: 'x' }), /entry 1, line:\n\s+- "x"\n\s+\+ "a"/)
  tap.match(differ({ labels: {} }), /labels/)
  tap.match(differ({ structured_metadata: {} }), /structured metadata/)
  tap.match(differ({ timestamp: '2026-01-01T00:00:01Z' }), /timestamp/)
  tap.match(compareCase(expecting({ entries: [] }), result([entry])).join(), /\+ entry 1 was not expected/)
  tap.match(compareCase(expecting({ entries: [entry] }), result([])).join(), /- entry 1 is missing/)
  const metrics = compareCase(
    expecting({ entries: [], metrics: 'a 1\nb 2' }),
    result([], { metrics: 'a 1\nb 3\nc 4' }),
  )
  tap.same(metrics, ['  metrics:', '  - b 2', '  + b 3', '  + c 4'])
  tap.equal(
    compareCase(expecting({ entries: [] }), result([], { metrics: 'a 1' })).length,
    2,
    'unexpected metrics',
  )
  tap.equal(compareCase(expecting({ internal_metrics: 'x 1' }), result([])).length, 2)
  tap.same(compareCase(expecting({ entries: [] }), result([], { ledger: '1 of 2 lines' })), ['1 of 2 lines'])
  tap.end()
})

void t.test('lines in another order, or more often, are a difference too', (tap) => {
  tap.ok(compareCase(expecting({ metrics: 'a 1\nb 2' }), result([], { metrics: 'b 2\na 1' })).length > 0)
  tap.end()
})

void t.test('an entry too few or too many is one difference', (tap) => {
  const lines = (...texts: string[]): TestEntry[] => texts.map((line) => ({ line }))
  const differ = (want: TestEntry[], got: TestEntry[]): string[] =>
    compareCase(expecting({ entries: want }), result(got))
  tap.same(differ(lines('a', 'b', 'c'), lines('b', 'c')), ['- entry 1 is missing: {"line":"a"}'])
  tap.same(differ(lines('b', 'c'), lines('a', 'b', 'c')), ['+ entry 1 was not expected: {"line":"a"}'])
  tap.same(differ(lines('a', 'b', 'c'), lines('a', 'x', 'c')), ['  entry 2, line:', '  - "b"', '  + "x"'])
  tap.same(
    differ(lines('a', 'b'), lines('b', 'a')),
    ['- entry 1 is missing: {"line":"a"}', '+ entry 2 was not expected: {"line":"a"}'],
    'order counts',
  )
  tap.end()
})

void t.test('only the labels that differ are shown; one instant may be written in two ways', (tap) => {
  const got = { line: 'a', timestamp: '2026-01-01T00:00:00.5Z', labels: { a: '1', b: '2', c: '3' } }
  const want = { line: 'a', timestamp: '2026-01-01T01:00:00.500+01:00', labels: { a: '1', b: 'x', d: '4' } }
  tap.same(compareCase(expecting({ entries: [want] }), result([got])), [
    '  entry 1, labels:',
    '  - b="x"',
    '  + b="2"',
    '  + c="3"',
    '  - d="4"',
  ])
  tap.end()
})

void t.test('refusals', (tap) => {
  const refused = { refused: 'n:1:1: error: bad regex\n1 | x' }
  const test = (expect_error: boolean | string): TestCase => ({ name: 'n', pipeline: '', expect_error })
  tap.same(compareCase(test(true), refused), [])
  tap.same(compareCase(test('bad regex'), refused), [])
  tap.match(compareCase(test('other'), refused).join('\n'), /expected an error with "other", found:\nn:1:1/)
  tap.match(compareCase(test(true), result([])), [/expected the pipeline to be refused/])
  tap.match(compareCase(expecting({}), refused).join('\n'), /the pipeline was refused:\nn:1:1/)
  tap.end()
})
