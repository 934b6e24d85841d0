/** Templates of stages: their mistakes by option, and the data that they see. */
import t from 'tap'
import { Extracted, shapeOf, type ExtractedValue } from '../../../../lib/flow/extracted.ts'
import { labelSet } from '../../../../lib/flow/labels.ts'
import { ExtractedData, render, templateOption } from '../../../../lib/component/options/template.ts'
import { Bench } from '../../../support/stage-run.ts'

const { ctx } = new Bench()

function extracted(values: Readonly<Record<string, ExtractedValue>>): Extracted {
  const own = new Extracted(labelSet({ app: 'shop' }))
  own.setRow(shapeOf(Object.keys(values)), Object.values(values))
  return own
}

void t.test('a template that cannot be compiled names its option and place', (tap) => {
  const cases: [string, RegExp][] = [
    ['{{ .Value', /^template 1:1: unclosed action/],
    ['a\n{{ nope }}', /^template 2:4: function "nope" not defined/],
  ]
  for (const [text, message] of cases)
    tap.throws(
      () => templateOption('source', text, ctx),
      { code: 'BAD_TEMPLATE', option: 'source', message },
      text,
    )
  tap.end()
})

void t.test('what a template sees', (tap) => {
  const data = new ExtractedData()
  const of = extracted({ status: '200', bytes: 1e21, ok: true, none: null, Value: 'extracted', Entry: 'too' })
  const show = (text: string, value?: string, entry?: string): string | undefined =>
    render(
      templateOption('template', text, ctx),
      data.of(of, value, entry === undefined ? undefined : { line: entry }),
    )
  const cases: [string, string | undefined, string | undefined, string][] = [
    ['{{ .app }} {{ .status }} {{ .ok }}', undefined, undefined, 'shop 200 true'],
    ['{{ .bytes }}', undefined, undefined, '1000000000000000000000'],
    ['{{ .none }}|{{ .missing }}', undefined, undefined, '<no value>|<no value>'],
    ['{{ .Value }}|{{ .Entry }}', undefined, undefined, 'extracted|too'],
    ['{{ .Value }}|{{ .Entry }}', 'mine', 'the line', 'mine|the line'],
    ['{{ .Value }}|{{ .Entry }}', '', '', '|'],
    [
      '{{ range $k, $v := . }}{{ $k }}={{ $v }} {{ end }}',
      'v',
      undefined,
      'Entry=too Value=v app=shop bytes=1000000000000000000000 ok=true status=200 ',
    ],
  ]
  for (const [text, value, entry, expected] of cases) tap.equal(show(text, value, entry), expected, text)
  tap.end()
})

void t.test('one object serves all entries', (tap) => {
  const data = new ExtractedData()
  const template = templateOption('template', '{{ .Value }}{{ .a }}', ctx)
  tap.equal(render(template, data.of(extracted({ a: '1' }), 'x')), 'x1')
  tap.equal(
    render(template, data.of(extracted({ a: '2' }), undefined)),
    '<no value>2',
    'nothing is left of the last',
  )
  tap.end()
})

void t.test('a template that fails on its data returns nothing; a bug in the program throws', (tap) => {
  const data = new ExtractedData().of(extracted({ a: 'x' }), undefined)
  tap.equal(render(templateOption('template', '{{ fail .a }}', ctx), data), undefined)
  tap.equal(render(templateOption('template', '{{ mustRegexMatch "(" .a }}', ctx), data), undefined)
  const broken = {
    execute: () => {
      throw new TypeError('broken')
    },
    parts: () => undefined,
  }
  tap.throws(() => render(broken, data), { message: 'broken' })
  tap.end()
})

void t.test('the clock of templates is the one of the stage', (tap) => {
  const { ctx: own, clock } = new Bench()
  const template = templateOption('template', '{{ now | unixEpoch }}', own)
  const data = new ExtractedData().of(extracted({}), undefined)
  const before = Number(render(template, data))
  clock.advance(5000)
  tap.equal(Number(render(template, data)), before + 5)
  tap.end()
})
