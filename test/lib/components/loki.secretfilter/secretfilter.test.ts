/** Lines through the filter: what is hidden, what passes, time limits, counts, and other rules while it runs. */
import { join } from 'node:path'
import t from 'tap'
import type { Clock } from '../../../../lib/flow/clock.ts'
import { createFilter, lokiSecretfilter } from '../../../../lib/components/loki.secretfilter/secretfilter.ts'
import { ComponentBench } from '../../../support/component-run.ts'
import { linesOf, refusal } from '../../../support/stage-run.ts'

const KEY = `glpat-${'a1B2c3D4e5'.repeat(2)}`
const LINE = `token ${KEY} and again ${KEY}, password=hunter22`

void t.test('secrets are hidden wherever they stand, and counted', async (t) => {
  const bench = new ComponentBench()
  const component = bench.create(lokiSecretfilter, { forward_to: [], origin_label: 'app' })
  const out = await bench.through(component, [
    bench.entry(LINE, { app: 'shop' }),
    bench.entry('nothing here', { app: 'shop' }),
    bench.entry('password=hunter22'),
  ])
  const shown = `${KEY.slice(0, 5)}...`
  t.same(linesOf(out), [
    `token ${shown} and again ${shown}, password=hu...`,
    'nothing here',
    'password=hu...',
  ])
  t.same(bench.account(out), { delivered: 3 })
  const text = bench.metrics()
  for (const line of [
    'loki_secretfilter_secrets_redacted_total 3',
    'loki_secretfilter_secrets_redacted_by_category_total{origin="shop",rule="gitlab-pat"} 1',
    'loki_secretfilter_secrets_redacted_by_category_total{origin="shop",rule="password"} 1',
    'loki_secretfilter_secrets_redacted_by_category_total{origin="",rule="password"} 1',
    'loki_secretfilter_processing_duration_seconds_count 3',
    'loki_secretfilter_entries_bypassed_total 0',
  ])
    t.ok(text.includes(line), `${line}\n${text}`)
})

void t.test('rules of one’s own, exchanged while it runs', async (t) => {
  const path = join(
    t.testdir({ 'g.toml': '[[rules]]\nid = "ours"\nregex = "our_[a-z]+"\nkeywords = ["our_"]\n' }),
    'g.toml',
  )
  const bench = new ComponentBench()
  const input = { forward_to: [], gitleaks_config: path, redact_with: '<$SECRET_NAME>' }
  const component = bench.create(lokiSecretfilter, input)
  const send = () => bench.through(component, [bench.entry('our_key password=hunter22')])
  const first = await send()
  component.update!(bench.options(lokiSecretfilter, { forward_to: [], redact_percent: 0 }))
  const second = await send()
  t.same(linesOf([...first, ...second]), ['<ours> password=hunter22', 'our_key password=hu...'])
  t.same(bench.account([...first, ...second]), { delivered: 2 })
})

void t.test('a share of the entries passes unsearched', async (t) => {
  const bench = new ComponentBench()
  const options = bench.options(lokiSecretfilter, { forward_to: [], rate: 0.5 })
  const chances = [0.49, 0.5]
  const component = createFilter(options, bench.ctx, () => chances.shift()!)
  const out = await bench.through(component, [
    bench.entry('password=hunter22'),
    bench.entry('password=hunter22'),
  ])
  t.same(linesOf(out), ['password=hu...', 'password=hunter22'])
  t.match(bench.metrics(), /loki_secretfilter_entries_bypassed_total 1/)
  t.same(bench.account(out), { delivered: 2 })
})

void t.test('lines that take too long are passed on, labelled or dropped', async (t) => {
  const rule = '[[rules]]\nid = "password"\nregex = "password=(\\\\w+)"\nkeywords = ["password"]\n'
  const gitleaks_config = join(t.testdir({ 'g.toml': rule }), 'g.toml')
  for (const [more, lines, account] of [
    [{}, ['password=hu...'], { delivered: 1 }],
    [{ label_timed_out: true }, ['password=hu...'], { delivered: 1 }],
    [{ drop_on_timeout: true }, [], { 'dropped secretfilter_timeout': 1 }],
  ] as const) {
    const bench = new ComponentBench()
    let now = 0
    const clock: Clock = { now: () => (now += 10), after: (ms, run) => bench.clock.after(ms, run) }
    const options = bench.options(lokiSecretfilter, {
      forward_to: [],
      gitleaks_config,
      processing_timeout: '5ms',
      ...more,
    })
    const component = createFilter(options, { ...bench.ctx, clock }, () => 0)
    const out = await bench.through(component, [bench.entry('password=hunter22')])
    t.same(linesOf(out), lines)
    t.equal(out[0]?.labels.get('secretfilter'), 'label_timed_out' in more ? 'timed-out' : undefined)
    t.same(bench.account(out), account)
    t.match(bench.metrics(), /loki_secretfilter_lines_timed_out_total 1/)
  }
})

void t.test('arguments that cannot work', (t) => {
  const bench = new ComponentBench()
  const bad = join(t.testdir({ 'g.toml': '[[rules]]\nid = "a"\nregex = "("\n' }), 'g.toml')
  for (const [input, refused] of [
    [{ rate: 1.5 }, 'BAD_ARGUMENT rate'],
    [{ rate: -1 }, 'BAD_ARGUMENT rate'],
    [{ gitleaks_config: '/nowhere' }, 'IO gitleaks_config'],
    [{ gitleaks_config: bad }, 'BAD_REGEX gitleaks_config'],
  ] as const)
    t.equal(
      refusal(() => bench.create(lokiSecretfilter, { forward_to: [], ...input })),
      refused,
    )
  t.end()
})
