import t from 'tap'
import { readCases } from '../../../lib/pipeline-test/case.ts'

const one = '"name": "n", "pipeline": "", "expect": {}'

void t.test('JSON and YAML', (tap) => {
  const json = readCases('a.json', `{"tests": [{${one}, "input": [{"line": "x", "labels": {"a": "b"}}]}]}`)
  const yaml = readCases(
    'a.yaml',
    'tests:\n  - name: n\n    pipeline: ""\n    expect: {}\n    input: [{ line: x, labels: { a: b } }]\n',
  )
  tap.same(json, yaml)
  tap.same(json, [{ name: 'n', pipeline: '', expect: {}, input: [{ line: 'x', labels: { a: 'b' } }] }])
  tap.equal(
    readCases('a.yaml', '{ tests: [{ name: n, pipeline: "", expect_error: true }] }').length,
    1,
    'YAML with braces',
  )
  tap.same(readCases('a', '{"tests": []}'), [])
  tap.end()
})

void t.test('mistakes name the file, the test and what was expected', (tap) => {
  const cases: [string, RegExp][] = [
    ['{"tests": [}', /^f:1:\d+: expected JSON or YAML/],
    ['tests:\n  - a: [', /^f:\d+:\d+: expected JSON or YAML/],
    ['[]', /^f: expected \{"tests"/],
    ['', /^f: expected/],
    ['{"tests": [1]}', /^f: test 1: expected an object, found the number 1/],
    ['{"tests": [{"nmae": "x"}]}', /^f: test 1: unknown key "nmae": expected name, pipeline/],
    ['{"tests": [{"pipeline": ""}]}', /expected a text "name"/],
    ['{"tests": [{"name": "n", "expect": {}}]}', /expected either "pipeline", or "config" and "component"/],
    ['{"tests": [{"name": "n", "config": "c", "expect": {}}]}', /expected either "pipeline"/],
    ['{"tests": [{"name": "n", "pipeline": ""}]}', /expected either "expect" or "expect_error"/],
    [`{"tests": [{${one}, "expect_error": true}]}`, /expected either "expect" or "expect_error"/],
    [`{"tests": [{${one}, "input": "x"}]}`, /input: expected a list of entries, found the string "x"/],
    [`{"tests": [{${one}, "input": ["x"]}]}`, /input\[0\]: expected an object with a "line"/],
    [`{"tests": [{${one}, "input": [{}]}]}`, /input\[0\]\.line: expected a text, found nothing/],
    [`{"tests": [{${one}, "input": [{"line": "x", "lables": {}}]}]}`, /input\[0\]: unknown key "lables"/],
    [
      `{"tests": [{${one}, "input": [{"line": "x", "timestamp": "today"}]}]}`,
      /input\[0\]\.timestamp: expected a time such as/,
    ],
    [
      '{"tests": [{"name": "n", "pipeline": "", "expect": {"entries": [{"line": "x", "labels": {"code": 200}}]}}]}',
      /test 1: expect\.entries\[0\]\.labels\.code: expected a text, found the number 200: put it in quotes/,
    ],
    ['tests: [{ name: n, pipeline: "", expect: [] }]', /expect: expected an object, found a list/],
    ['tests: [{ name: n, pipeline: "", expect: { metric: "" } }]', /expect: unknown key "metric"/],
    [
      '{"tests": [{"name": "n", "pipeline": "", "expect": {"metrics": 1}}]}',
      /expect\.metrics: expected a text/,
    ],
  ]
  for (const [text, message] of cases) tap.throws(() => readCases('f', text), { code: 'BAD_INPUT', message })
  tap.end()
})

void t.test('YAML is taken as it is written', (tap) => {
  const [test] = readCases(
    'f',
    'tests: [{ name: 1, pipeline: "", expect_error: true, input: [{ line: 0x10, labels: { code: 200, up: yes } }] }]',
  )
  tap.same(test, {
    name: '1',
    pipeline: '',
    expect_error: true,
    input: [{ line: '0x10', labels: { code: '200', up: 'yes' } }],
  })
  tap.end()
})

void t.test('a case without an expectation can be recorded, not run', (tap) => {
  const text = '{"tests": [{"name": "n", "pipeline": "", "alloy_says": "no"}]}'
  tap.equal(readCases('f', text, true).length, 1)
  tap.throws(() => readCases('f', text), { code: 'BAD_INPUT' })
  tap.end()
})
