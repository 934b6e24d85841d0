/** Unit tests of rules: what passes, and what is said of what doesn't. */
import t from 'tap'
import { readRules } from '../../../../lib/rules/file/read-rules.ts'
import { problemText } from '../../../../lib/rules/file/problems.ts'
import { runTest } from '../../../../lib/rules/unit-test/run-test.ts'
import { readTests } from '../../../../lib/rules/unit-test/test-file.ts'

const RULES = `groups:
  - name: g
    rules:
      - alert: Errors
        expr: sum by (app) (count_over_time({app="shop"} | detected_level="error" [5m])) > 2
        for: 2m
        annotations: { summary: "{{ $value }}" }
`

async function failures(test: string, rules = RULES): Promise<string[]> {
  const { file, problems } = readTests('t.yaml', `rule_files: [r.yaml]\ntests:\n  - ${test}`)
  t.same(problems.sorted(), [])
  const { groups } = readRules('r.yaml', rules)
  const found = await runTest(file.tests[0]!, { groups, evaluationMs: file.evaluationMs })
  return found.map(({ message }) => message)
}

const LINES = `input_streams: [{labels: '{app="shop"}', lines: [{line: "level=error", every: 1m, times: 5}]}]`

void t.test('alerts and samples that are as expected', async (tap) => {
  tap.same(
    await failures(`${LINES}
    start_timestamp: 2026-01-05T10:00:00Z
    alert_rule_test:
      - {eval_time: 3m, alertname: Errors}
      - {eval_time: 4m30s, alertname: Errors, exp_alerts: [{exp_labels: {app: shop}, exp_annotations: {summary: 5}}]}
      - {eval_time: 20m, alertname: Errors, exp_alerts: []}
    logql_expr_test:
      - {expr: 'sum(rate({app="shop"}[3m]))', eval_time: 2m, exp_samples: [{labels: '{}', value: 0.016666666667}]}
      - {expr: 'sum by (service_name) (count_over_time({app="shop"}[3m]))', eval_time: 2m, exp_samples: [{labels: {service_name: shop}, value: 3}]}
      - {expr: 'count_over_time({app="none"}[3m])', eval_time: 2m}`),
    [],
  )
})

void t.test('what is not, is shown beside what was expected', async (tap) => {
  tap.strictSame(
    await failures(`${LINES}
    alert_rule_test:
      - {eval_time: 4m, alertname: Errors, exp_alerts: [{exp_labels: {app: web}}]}
      - {eval_time: 9m, alertname: Errors, exp_alerts: [{exp_labels: {app: shop}}]}
    logql_expr_test:
      - {expr: 'sum(count_over_time({app="shop"}[3m]))', eval_time: 2m, exp_samples: [{labels: '{}', value: 4}]}`),
    [
      'Errors at 4m\n  expected:\n    {alertname="Errors", app="web"}\n  found:\n    {alertname="Errors", app="shop"} summary="5"',
      'Errors at 9m\n  expected:\n    {alertname="Errors", app="shop"}\n  found: none',
      'sum(count_over_time({app="shop"}[3m])) at 2m\n  expected:\n    {} 4\n  found:\n    {} 3',
    ],
  )
  tap.match(
    await failures(
      `${LINES}
    alert_rule_test: [{eval_time: 1m, alertname: A}]`,
      `groups: [{name: g, rules: [{record: a, expr: 'sum by (x) (count_over_time({app="shop"} | json [5m]))'}]}]`,
    ),
    [/^a at 0s: pipeline error: .*JSONParserErr/],
  )
})

void t.test('mistakes in a test file', (tap) => {
  const { problems } = readTests(
    't.yaml',
    `rule_file: [a]
tests:
  - input_series: []
    input_streams:
      - labels: 'app'
        lines: [{line: x, times: 5}, {lin: x}]
    start_timestamp: yesterday
    alert_rule_test: [{eval_time: 5}]
    logql_expr_test: [{expr: '{a="b"}', exp_samples: [{labels: '{}'}]}, {}]
`,
  )
  const texts = problems.sorted().map(problemText)
  for (const each of [
    't.yaml:1:1: unknown field "rule_file" in a file of rule tests; did you mean "rule_files"?',
    't.yaml:3:5: unknown field "input_series" in a test; did you mean "input_streams"?',
    't.yaml:5:17: labels: expected labels such as {app="a"}, found "app"',
    't.yaml:6:17: a line with "times" needs "every", the time between them',
    't.yaml:6:39: unknown field "lin" in a line; did you mean "line"?',
    't.yaml:8:23: an alert test needs "alertname"',
    't.yaml:8:35: eval_time: expected a duration such as 30s, 5m or 1h30m, found "5"',
    't.yaml:9:73: an expression test needs "expr"',
  ])
    tap.ok(texts.includes(each), `${each}\n${texts.join('\n')}`)
  tap.match(texts.join('\n'), /7:22: start_timestamp: expected a time/)
  tap.match(texts.join('\n'), /9:30: expr: expected a metric/)
  tap.end()
})
