import t from 'tap'
import { template } from '../../transforms/template.ts'
import { recordedCases } from '../support/stage-cases.ts'
import { Bench, refusal } from '../support/stage-run.ts'

void t.test('recorded cases', async (t) => {
  await recordedCases(t, 'template')
})

void t.test(
  'a template that fails on the data leaves the value, and the next line is not touched by it',
  async (t) => {
    const bench = new Bench()
    const stage = bench.stage(template, { source: 'v', template: '{{ fail .Value }}{{ .Entry }}' })
    const entry = bench.entry('line', { v: 'kept' })
    const [out] = await stage.run([entry])
    t.equal(out!.extracted.get('v'), 'kept')
  },
)

void t.test('the time comes from the clock of the context', async (t) => {
  const bench = new Bench()
  const stage = bench.stage(template, { source: 'v', template: '{{ now.UTC.Format "2006-01-02" }}' })
  const [out] = await stage.run(bench.entries('x'))
  t.equal(out!.extracted.get('v'), '2026-01-02')
})

void t.test('ranging over everything sees each name once', async (t) => {
  const bench = new Bench()
  const stage = bench.stage(template, {
    source: 'a',
    template: '{{ range $k, $v := . }}{{ $k }}={{ $v }};{{ end }}',
  })
  const entry = bench.entry('line', { a: '1', b: '2' })
  entry.extracted.set('n', null)
  await stage.run([entry])
  t.equal(entry.extracted.get('a'), 'Entry=line;Value=1;a=1;b=2;')
})

void t.test('a syntax error is refused when the stage is made', (t) => {
  const bench = new Bench()
  t.equal(
    refusal(() => bench.stage(template, { source: 'v', template: '{{ nope }}' })),
    'BAD_TEMPLATE template',
  )
  t.end()
})
