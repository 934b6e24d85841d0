import t from 'tap'
import { reporterOf, summary, type CaseReport, type ReporterName } from '../../../lib/pipeline-test/report.ts'

const passed: CaseReport = { file: 'a.json', name: 'one', differences: [], recorded: false, ms: 12 }
const failed: CaseReport = {
  ...passed,
  name: 'two #1 <&"> \u001b[31m',
  differences: ['  entry 1, line:', '  - "x\u001b"', '  + "y"'],
}
const recorded: CaseReport = { ...passed, file: 'b.yaml', recorded: true }

const print = (name: ReporterName, verbose = false): string => {
  const reporter = reporterOf(name, verbose)
  const all = [passed, failed, recorded]
  return all.map((each, i) => reporter.one(each, i + 1)).join('') + reporter.end(all)
}

void t.test('for people: what failed, with no control characters', (tap) => {
  const failure = [
    'FAILED    a.json: two #1 <&"> \\u001b[31m',
    '            entry 1, line:',
    '            - "x\\u001b"',
    '            + "y"',
    'recorded  b.yaml: one',
    '',
  ].join('\n')
  tap.equal(print('default'), failure)
  tap.equal(print('default', true), `ok        a.json: one\n${failure}`)
  tap.equal(summary([passed, failed, recorded]), '2 passed, 1 failed')
  tap.end()
})

void t.test('TAP 14', (tap) => {
  tap.equal(
    print('tap'),
    [
      'TAP version 14',
      'ok 1 - a.json: one # time=12ms',
      'not ok 2 - a.json: two \\#1 <&"> \u001b[31m # time=12ms',
      '  ---',
      '  message: |2',
      '      entry 1, line:',
      '      - "x\u001b"',
      '      + "y"',
      '  ...',
      'ok 3 - b.yaml: one # time=12ms',
      '1..3',
      '',
    ].join('\n'),
  )
  tap.equal(reporterOf('tap', false).end([]), 'TAP version 14\n1..0\n')
  tap.end()
})

void t.test('JSON', (tap) => {
  tap.same(JSON.parse(print('json')), {
    passed: 2,
    failed: 1,
    tests: [
      { file: 'a.json', name: 'one', passed: true, ms: 12 },
      { file: 'a.json', name: failed.name, passed: false, differences: failed.differences, ms: 12 },
      { file: 'b.yaml', name: 'one', passed: true, recorded: true, ms: 12 },
    ],
  })
  tap.end()
})

void t.test('JUnit: one suite a file, text that XML can hold', (tap) => {
  const text = print('junit')
  tap.match(text, '<testsuites name="logstream test" tests="3" failures="1" errors="0" time="0.036">')
  tap.match(text, '<testsuite name="a.json" tests="2" failures="1" errors="0" time="0.024">')
  tap.match(text, '<testcase classname="a.json" name="one" time="0.012"/>')
  tap.match(text, 'name="two #1 &lt;&amp;&quot;&gt; \u{fffd}[31m"')
  tap.match(text, '<failure message="entry 1, line:">  entry 1, line:\n  - &quot;x\u{fffd}&quot;\n')
  tap.notMatch(text, /\u001b/)
  tap.end()
})
