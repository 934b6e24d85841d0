/** An alerting rule: its states over time, its labels and texts. */
import t from 'tap'
import { Alerting } from '../../../../lib/rules/alerting/alerting.ts'
import { humanize, humanize1024, humanizeDuration } from '../../../../lib/rules/alerting/humanize.ts'
import { compileText, expand } from '../../../../lib/rules/alerting/template.ts'
import { readRules } from '../../../../lib/rules/file/read-rules.ts'
import type { AlertingRule, Labels } from '../../../../lib/rules/rule.ts'

const MINUTE = 60_000

function alerting(fields: string, limit = 0): Alerting {
  const text = `groups: [{name: g, rules: [{alert: A, expr: vector(1), ${fields}}]}]`
  const { groups, problems } = readRules('r', text)
  t.same(problems, [])
  const settings = { externalUrl: 'http://logs', externalLabels: { cluster: 'c1' }, limit }
  return new Alerting(groups[0]!.rules[0] as AlertingRule, settings)
}

const sample = (labels: Labels, value = 1) => ({ labels, value })

void t.test('pending for a while, then firing, then resolved', (tap) => {
  const rule = alerting('for: 2m')
  const { table } = rule
  tap.equal(table.state, 'inactive')
  rule.take([sample({ app: 'a' }, 5)], 1)
  tap.match(table.active, [{ state: 'pending', value: 5, activeAt: 1 }])
  tap.same(table.due(1, MINUTE, MINUTE), [], 'nobody is told of what is pending')
  rule.take([sample({ app: 'a' }, 6)], 1 * MINUTE + 1)
  tap.equal(table.state, 'pending')
  rule.take([sample({ app: 'a' }, 7)], 2 * MINUTE + 1)
  tap.match(table.active, [{ state: 'firing', value: 7, activeAt: 1, firedAt: 2 * MINUTE + 1 }])
  tap.equal(table.due(2 * MINUTE + 1, MINUTE, MINUTE).length, 1)
  tap.equal(table.due(2 * MINUTE + 2, MINUTE, MINUTE).length, 0, 'told already')
  rule.take([sample({ app: 'a' })], 4 * MINUTE)
  tap.match(table.due(4 * MINUTE, MINUTE, MINUTE), [{ validUntil: 8 * MINUTE }], 'and again after a minute')
  rule.take([], 5 * MINUTE)
  tap.equal(table.state, 'inactive')
  tap.match(table.due(5 * MINUTE, 60 * MINUTE, MINUTE), [{ resolvedAt: 5 * MINUTE }], 'its end at once')
  rule.take([], 19 * MINUTE)
  tap.equal(table.all.length, 1)
  rule.take([], 20 * MINUTE + 1)
  tap.equal(table.all.length, 0, 'forgotten after 15 minutes')
  tap.end()
})

void t.test('what ends while pending was nothing, and what returns begins anew', (tap) => {
  const rule = alerting('for: 2m')
  rule.take([sample({})], 1)
  rule.take([], MINUTE)
  tap.equal(rule.table.all.length, 0)
  const at = alerting('labels: {}')
  at.take([sample({})], 1)
  tap.equal(at.table.state, 'firing', 'without "for" at once')
  at.take([], MINUTE)
  at.take([sample({})], 2 * MINUTE)
  tap.match(at.table.all, [{ state: 'firing', activeAt: 2 * MINUTE, resolvedAt: 0 }])
  tap.end()
})

void t.test('keep_firing_for bridges gaps', (tap) => {
  const rule = alerting('keep_firing_for: 5m')
  rule.take([sample({})], MINUTE)
  rule.take([], 2 * MINUTE)
  rule.take([], 6 * MINUTE)
  tap.equal(rule.table.state, 'firing')
  rule.take([sample({})], 6.5 * MINUTE)
  rule.take([], 7 * MINUTE)
  rule.take([], 11 * MINUTE)
  tap.equal(rule.table.state, 'firing', 'counted from the last gap')
  rule.take([], 12 * MINUTE)
  tap.equal(rule.table.state, 'inactive')
  tap.end()
})

void t.test('limits and label sets that are equal', (tap) => {
  const limited = alerting('for: 0s', 1)
  tap.throws(
    () => limited.take([sample({ a: '1' }), sample({ a: '2' })], 1),
    /exceeded limit of 1 with 2 alerts/,
  )
  tap.equal(limited.table.all.length, 0)
  const same = alerting('labels: {app: x}')
  tap.throws(() => same.take([sample({ app: 'a' }), sample({ app: 'b' })], 1), /two results have the labels/)
  tap.end()
})

void t.test('labels and annotations are templates', (tap) => {
  const rule = alerting(
    `labels: {app: "{{ $labels.app | toUpper }}", none: "{{ $labels.nothing }}"}, annotations: {a: "{{ printf \\"%.1f\\" $value }} of {{ .Labels.app }} in {{ $externalLabels.cluster }} at {{ $externalURL }}{{ range $k, $v := .Labels }} {{ $k }}={{ $v }}{{ end }}", bad: "{{ humanize \\"x\\" }}"}`,
  )
  rule.take([sample({ app: 'shop', pod: 'p' }, 2.25)], 1)
  const [alert] = rule.table.active
  tap.strictSame(alert!.labels, { alertname: 'A', app: 'SHOP', pod: 'p' })
  tap.equal(alert!.annotations['a'], '2.2 of shop in c1 at http://logs app=shop pod=p')
  tap.match(alert!.annotations['bad'], /^<error expanding template: template: \w+:1:\d+: .*expected a number/)
  tap.end()
})

void t.test("functions, as Prometheus' documentation has them", (tap) => {
  const subject = {
    labels: { instance: 'web-1.example.com:9100' },
    externalLabels: {},
    externalUrl: 'http://h/x',
    value: 1234567,
  }
  for (const [text, want] of [
    ['{{ $value | humanize }}', '1.235M'],
    ['{{ humanize1024 $value }}', '1.177Mi'],
    ['{{ humanizePercentage 0.1234 }}', '12.34%'],
    ['{{ humanizeDuration 93784 }}', '1d 2h 3m 4s'],
    ['{{ humanizeTimestamp 1435065584.128 }}', '2015-06-23 13:19:44.128 +0000 UTC'],
    ['{{ (toTime 1435065584).Year }}', '2015'],
    ['{{ toDuration 90 }}', '1m30s'],
    ['{{ parseDuration "1h30m" }}', '5400'],
    ['{{ $labels.instance | stripPort }}', 'web-1.example.com'],
    ['{{ $labels.instance | stripDomain }}', 'web-1:9100'],
    ['{{ stripDomain "[::1]:80" }}', '[::1]:80'],
    ['{{ reReplaceAll "(.*):.*" "$1" $labels.instance }}', 'web-1.example.com'],
    ['{{ if match "^web" $labels.instance }}yes{{ end }}', 'yes'],
    ['{{ "a word" | title }}', 'A Word'],
    ['{{ (args 1 "b").arg1 }}', 'b'],
    ['{{ externalURL }} {{ pathPrefix }}', 'http://h/x /x'],
    ['{{ urlQueryEscape "a b&c" }}', 'a+b%26c'],
    ['{{ graphLink "{a=\\"b\\"}" }}', '/?view=explore&q=%7Ba%3D%22b%22%7D'],
    ['{{ $value }}', '1.234567e+06'],
  ] as const)
    tap.equal(expand(compileText(text, { externalUrl: 'http://h/x', now: 0 }), subject), want, text)
  tap.same([0, 0.0012, -1234, Infinity].map(humanize), ['0', '1.2m', '-1.234k', '+Inf'])
  tap.same([0.5, 2048].map(humanize1024), ['0.5', '2ki'])
  tap.same([0, 0.02, 1.5, -61, 3600].map(humanizeDuration), ['0s', '20ms', '1.5s', '-1m 1s', '1h 0m 0s'])
  tap.end()
})
