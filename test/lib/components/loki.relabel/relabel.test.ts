/** Rules over labels of entries: what goes on, what ends, the cache, and changes while it runs. */
import t from 'tap'
import { lokiRelabel } from '../../../../lib/components/loki.relabel/relabel.ts'
import { RELABEL_RULES } from '../../../../lib/component/options/relabel.ts'
import { metricsText } from '../../../../lib/pipeline-test/metrics-text.ts'
import { ComponentBench } from '../../../support/component-run.ts'
import { refusal } from '../../../support/stage-run.ts'

const drop = (label: string, regex: string) => ({ source_labels: [label], regex, action: 'drop' }) as const

void t.test('labels are changed, emptied ones vanish, and drops end for a reason', async (t) => {
  const bench = new ComponentBench()
  const component = bench.create(lokiRelabel, {
    forward_to: [],
    rule: [
      drop('level', 'debug'),
      { source_labels: ['app', 'env'], separator: '-', target_label: 'job' },
      { target_label: 'env', replacement: '' },
      { regex: 'only_.*', action: 'labeldrop' },
    ],
  })
  const out = await bench.through(component, [
    bench.entry('1', { app: 'shop', env: 'prod', __tmp: 'kept' }),
    bench.entry('2', { app: 'shop', env: 'prod', level: 'debug' }),
    bench.entry('3', { only_this: 'x', job: '' }),
    bench.entry('4', { app: 'shop', env: 'prod', __tmp: 'kept' }),
  ])
  t.same(
    out.map(({ line, labels }) => [line, labels.toObject()]),
    [
      ['1', { app: 'shop', job: 'shop-prod', __tmp: 'kept' }],
      ['3', { job: '-' }],
      ['4', { app: 'shop', job: 'shop-prod', __tmp: 'kept' }],
    ],
  )
  t.same(bench.account(out), { delivered: 3, 'dropped relabel_rule': 1 })
})

void t.test('an entry that is left without labels ends', async (t) => {
  const bench = new ComponentBench()
  const component = bench.create(lokiRelabel, {
    forward_to: [],
    rule: [{ regex: 'a|b', action: 'labeldrop' }],
  })
  const out = await bench.through(component, [
    bench.entry('1', { a: '1' }),
    bench.entry('2', { b: '1', c: '2' }),
    bench.entry('3'),
    bench.entry('4', { d: '' }),
  ])
  t.same(
    out.map(({ labels }) => labels.toObject()),
    [{ c: '2' }],
  )
  t.same(bench.account(out), { delivered: 1, 'dropped relabel_no_labels': 3 })
})

void t.test('a label set is worked out once, until it was forgotten', async (t) => {
  const bench = new ComponentBench()
  const component = bench.create(lokiRelabel, {
    forward_to: [],
    rule: [drop('level', 'debug')],
    max_cache_size: 2,
  })
  const levels = ['info', 'info', 'debug', 'debug', 'info', 'warn', 'debug', 'info']
  const out = await bench.through(
    component,
    levels.map((level) => bench.entry(level, { level })),
  )
  t.same(
    out.map(({ line }) => line),
    levels.filter((level) => level !== 'debug'),
  )
  const text = metricsText(bench.ctx.metrics.snapshot())
  for (const [name, value] of [
    ['entries_processed', 8],
    ['entries_written', 5],
    ['cache_misses', 5],
    ['cache_hits', 3],
    ['cache_size', 2],
  ])
    t.match(text, new RegExp(`^loki_relabel_${name} ${value}$`, 'm'))
  t.same(component.status?.(), { cached: 2 })
})

void t.test('new rules count from the next entry on, and are exported', async (t) => {
  const bench = new ComponentBench()
  const component = bench.create(lokiRelabel, { forward_to: [], rule: [drop('a', 'x')] })
  const rules = component.exports!.get('rules') as { type: string; data: { regex: string }[] }
  t.equal(rules.type, RELABEL_RULES)
  t.same(
    rules.data.map(({ regex }) => regex),
    ['x'],
  )
  const before = await bench.through(component, [bench.entry('1', { a: 'y' })])
  t.equal(component.update!(bench.options(lokiRelabel, { forward_to: [], rule: [drop('a', 'y')] })), true)
  const after = await bench.through(component, [bench.entry('2', { a: 'y' })])
  t.same([before.length, after.length], [1, 0])
  const changed = bench.exported[0]!.get('rules') as typeof rules
  t.same(
    changed.data.map(({ regex }) => regex),
    ['y'],
  )
  t.same(bench.account(before), { delivered: 1, 'dropped relabel_rule': 1 })
})

void t.test('a cache that can hold nothing is refused', (t) => {
  const bench = new ComponentBench()
  t.equal(
    refusal(() => bench.create(lokiRelabel, { forward_to: [], max_cache_size: 0 })),
    'BAD_ARGUMENT max_cache_size',
  )
  t.end()
})
