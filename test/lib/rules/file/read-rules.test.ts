/** Rule files: what they mean, and where what is wrong with them is. */
import fc from 'fast-check'
import t from 'tap'
import { problemText } from '../../../../lib/rules/file/problems.ts'
import { readGroup, readRules } from '../../../../lib/rules/file/read-rules.ts'

const problemsOf = (text: string): string[] => readRules('r.yaml', text).problems.map(problemText)

void t.test('groups and rules with all their fields', (tap) => {
  const { groups, problems } = readRules(
    'r.yaml',
    `groups:
  - name: a
    interval: 1m30s
    query_offset: 10s
    limit: 5
    labels: { team: ops, severity: low }
    rules:
      - alert: A
        expr: count_over_time({app="x"}[5m]) > 3
        for: 5m
        keep_firing_for: 1m
        labels: { severity: page, code: 5 }
        annotations: { summary: "{{ $labels.app }}" }
      - record: app:lines
        expr: sum(rate({app="x"}[1m]))
`,
  )
  tap.same(problems, [])
  const [group] = groups
  tap.match(group, { name: 'a', intervalMs: 90_000, queryOffsetMs: 10_000, limit: 5 })
  tap.match(group!.rules, [
    {
      kind: 'alerting',
      name: 'A',
      text: 'count_over_time({app="x"}[5m]) > 3',
      forMs: 300_000,
      keepFiringMs: 60_000,
      annotations: { summary: '{{ $labels.app }}' },
    },
    { kind: 'recording', name: 'app:lines', labels: { team: 'ops', severity: 'low' } },
  ])
  tap.strictSame(group!.rules[0]!.labels, { code: '5', severity: 'page', team: 'ops' })
  tap.end()
})

void t.test('mistakes, each at its place', (tap) => {
  const found = problemsOf(`groups:
  - name: a
    intervall: 1m
    limit: many
    rules:
      - alert: A
        expr: |
          sum(rate({app="x"}[5m]))
            >> 3
        for: 5 minutes
        annotations: { summary: "{{ $label.x }}", b: "{{ humanise 3 }}" }
      - record: bad name
        expr: '{app="x"}'
        for: 1m
      - alert: B
        record: c
        expr: "vector(1"
      - { alert: X, labels: [a] }
      - just text
      - { record: d, expr: vector(1), labels: { "a-b": c } }
  - name: a
    rules: {}
`)
  const begins: readonly string[] = [
    '3:5: unknown field "intervall" in a rule group; did you mean "interval"?',
    '4:12: limit: expected a number',
    '9:14: expr: syntax error',
    '10:14: for: expected a duration such as 30s',
    '11:33: annotations: summary: template 1:4: undefined variable "$label"',
    '11:54: annotations: b: template 1:4: function "humanise" not defined',
    '12:17: record: expected the name of a metric',
    '13:15: expr: expected a metric such as',
    '14:14: a recording rule has no "for"',
    '15:9: a rule has "alert" or "record", not both',
    '17:24: expr: syntax error',
    '18:9: a rule needs "expr"',
    '18:29: expected labels as',
    '19:9: expected a rule as',
    '20:49: labels: invalid name "a-b"',
    '21:5: the group "a" is there twice',
    '22:12: rules: expected a list, found a map',
  ]
  tap.equal(found.length, begins.length, found.join('\n'))
  for (const [i, begin] of begins.entries())
    tap.ok(found[i]?.startsWith(`r.yaml:${begin}`), found[i] ?? begin)
  tap.end()
})

void t.test('texts that are no rule file', (tap) => {
  tap.match(problemsOf('groups: [a'), [/^r\.yaml:1:/])
  tap.match(problemsOf('- a'), [/expected a rule file as "name: value" lines, found a list/])
  tap.same(problemsOf(''), [])
  tap.match(problemsOf('groups:\n  - rules: []'), [/a rule group needs a name/])
  tap.match(readGroup('g', 'name: a\nrules: [{record: b, expr: "vector(1)"}]').groups, [
    { name: 'a', rules: [{ name: 'b' }] },
  ])
  tap.end()
})

void t.test('whatever the text, reading it returns', (tap) => {
  const word = fc.constantFrom(
    'groups',
    'name',
    'rules',
    ':',
    '- ',
    '\n',
    '  ',
    'expr',
    '"',
    '{',
    '}',
    '|',
    '&a',
    '*a',
  )
  fc.assert(
    fc.property(fc.array(word, { maxLength: 30 }), (words) => {
      readRules('r', words.join(''))
    }),
    { numRuns: 150 },
  )
  tap.end()
})
