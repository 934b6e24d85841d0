import t from 'tap'
import { labelsOf, runLine } from '../../../support/logql-lines.ts'

const options = { stream: { app: 'x' }, metadata: { trace: 't1' } }

void t.test('line_format', (tap) => {
  for (const [template, expected] of [
    ['{{.app}}-{{.a}}-{{.none}}', 'x-1-'],
    ['{{ .app }}', 'x'],
    ['{{.none}}', ''],
    ['{{ __line__ | upper }} {{ __timestamp__ | date "15:04" }}', 'A=1 10:00'],
    ['{{ range $k, $v := . }}{{ $k }}={{ $v }};{{ end }}', 'a=1;app=x;trace=t1;'],
    ['{{ .trace | trunc 1 }}', 't'],
    ['{{ . }}{{ ToUpper .none }}{{ printf "%T" . }}', 'map[a:1 app:x trace:t1]map[string]string'],
    ['{{ toDateInZone "2006-01-02" "Europe/Berlin" .none }}', '0001-01-01 00:00:00 +0000 UTC'],
    ['{{ (fromJson "{\\"a\\":1e999,\\"b\\":[2]}").b }}{{ fromJson "[1e999]" }}', '[2][<nil>]'],
    ['', ''],
  ] as const) {
    const outcome = runLine(`| logfmt | line_format \`${template}\``, 'a=1', options)
    tap.equal(outcome && outcome.line, expected, template)
  }
  tap.end()
})

void t.test('label_format sees the labels from before its templates', (tap) => {
  for (const [formats, expected] of [
    ['b=app', { b: 'x', trace: 't1' }],
    ['b=none', { app: 'x', trace: 't1' }],
    ['app="{{.app}}y", c="{{.app}}"', { app: 'xy', trace: 't1', c: 'x' }],
    ['trace="{{.trace}}!"', { app: 'x', trace: 't1!' }],
    ['c=app, d="[{{.app}}]"', { c: 'x', d: '[]', trace: 't1' }],
    ['c="{{.d}}", d="{{.c}}"', { app: 'x', trace: 't1', c: '', d: '' }],
  ] as const)
    tap.same(labelsOf(`| label_format ${formats}`, 'a=1', options), expected, formats)
  tap.end()
})

void t.test('without labels, a template sees those that the one before it set', (tap) => {
  tap.same(labelsOf('| label_format c="x", d="{{.c}}", e="{{.d}}"', 'a=1'), { c: 'x', d: 'x', e: '' })
  tap.end()
})

void t.test('a template that fails keeps the line, with an error', (tap) => {
  const outcome = runLine('| line_format `{{ duration .app }}`', 'raw', options)
  tap.match(outcome, {
    line: 'raw',
    labels: { __error__: 'TemplateFormatErr', __error_details__: /invalid duration/ },
  })
  const labels = labelsOf('| label_format c=`{{ duration .app }}`, d="1"', 'raw', options)
  tap.match(labels, { __error__: 'TemplateFormatErr', d: '1' })
  tap.equal(labels && labels['c'], undefined)
  tap.end()
})

void t.test('the details of such an error are in the words of Go', (tap) => {
  for (const [template, details] of [
    ['{{ .app | now }}', '1:10: executing "line" at <now>: wrong number of args for now: want 0 got 1'],
    [
      'é\n {{ slice .app 0 10 }}',
      '2:4: executing "line" at <slice .app 0 10>: error calling slice: index out of range: 10',
    ],
    [
      '{{ .app | trunc .app }}',
      '1:16: executing "line" at <.app>: wrong type for value; expected int; got string',
    ],
    [
      '{{ repeat -1 .app }}',
      '1:3: executing "line" at <repeat -1 .app>: error calling repeat: strings: negative Repeat count',
    ],
    [
      '{{ div 1 0 }}',
      '1:3: executing "line" at <div 1 0>: error calling div: runtime error: integer divide by zero',
    ],
    [
      '{{ substr 2 9 .app }}',
      '1:3: executing "line" at <substr 2 9 .app>: error calling substr: runtime error: slice bounds out of range [2:1]',
    ],
    [
      '{{ unixToTime "x" | date "2" }}',
      '1:3: executing "line" at <unixToTime "x">: error calling unixToTime: unable to parse time \'x\': strconv.ParseInt: parsing "x": invalid syntax',
    ],
    ['{{ (fromJson "{}").a.b }}', '1:13: executing "line" at <"{}">: nil pointer evaluating interface {}.b'],
    [
      '{{ range $k, $v := lower .app }}{{ end }}',
      '1:25: executing "line" at <.app>: range can\'t iterate over x',
    ],
    [
      '{{ addf 1 "inf" }}',
      '1:3: executing "line" at <addf 1 "inf">: error calling addf: Cannot create a Decimal from +Inf',
    ],
    [
      '{{ index .app 1 }}',
      '1:3: executing "line" at <index .app 1>: error calling index: reflect: string index out of range',
    ],
    [
      '{{ index (fromJson "[]") 1 }}',
      '1:3: executing "line" at <index (fromJson "[]") 1>: error calling index: index out of range: 1',
    ],
    ['{{ range 1.5 }}{{ end }}', '1:9: executing "line" at <1.5>: range can\'t iterate over 1.5'],
  ] as const)
    tap.match(
      labelsOf(`| line_format \`${template}\``, 'raw', options),
      { __error_details__: `template: line:${details}` },
      template,
    )
  tap.end()
})

void t.test('refused', (tap) => {
  for (const stage of [
    'line_format "{{.a"',
    'line_format "{{ nosuch .a }}"',
    'label_format a="{{"',
    'label_format a=b, a=c',
    'label_format __error__=a',
  ])
    tap.throws(() => runLine(`| ${stage}`, ''), { name: 'LogqlError', offset: 8 }, stage)
  tap.end()
})

void t.test('decolorize', (tap) => {
  for (const [line, expected] of [
    ['\x1b[31mred\x1b[0m', 'red'],
    ['\x1b[1;32mx', 'x'],
    ['plain', 'plain'],
    ['\x1b]8;;x\x07y', 'y'],
  ] as const) {
    const outcome = runLine('| decolorize', line)
    tap.equal(outcome && outcome.line, expected, JSON.stringify(line))
  }
  tap.end()
})
