/** Labels of targets on entries. */
import t from 'tap'
import { lokiEnrich } from '../../../../lib/components/loki.enrich/enrich.ts'
import { ComponentBench } from '../../../support/component-run.ts'

const targets: readonly Readonly<Record<string, string>>[] = [
  { ip: '10.0.0.1', name: 'old', rack: 'r1' },
  { ip: '10.0.0.1', name: 'web', __meta: 'm' },
  { name: 'nowhere' },
]

void t.test('an entry gets the labels of the last target that it names', async (t) => {
  const bench = new ComponentBench()
  const component = bench.create(lokiEnrich, {
    forward_to: [],
    targets,
    target_match_label: 'ip',
    logs_match_label: 'host',
  })
  const out = await bench.through(component, [
    bench.entry('1', { host: '10.0.0.1', name: 'own' }),
    bench.entry('2', { host: '10.0.0.2' }),
    bench.entry('3', { ip: '10.0.0.1' }),
    bench.entry('4', { host: '' }),
    bench.entry('5', { host: '10.0.0.1', name: 'own' }),
  ])
  const found = { host: '10.0.0.1', ip: '10.0.0.1', name: 'web', __meta: 'm' }
  t.same(
    out.map(({ labels }) => labels.toObject()),
    [found, { host: '10.0.0.2' }, { ip: '10.0.0.1' }, { host: '' }, found],
  )
  t.same(bench.account(out), { delivered: 5 })
})

void t.test('some labels only, by one name on both sides, and other targets while it runs', async (t) => {
  const bench = new ComponentBench()
  const input = { forward_to: [], targets, target_match_label: 'ip', labels_to_copy: ['name', 'rack'] }
  const component = bench.create(lokiEnrich, input)
  const send = () => bench.through(component, [bench.entry('', { ip: '10.0.0.1' })])
  const [first] = await send()
  t.same(first!.labels.toObject(), { ip: '10.0.0.1', name: 'web' })
  const changed = bench.options(lokiEnrich, { ...input, targets: targets.slice(0, 1) })
  t.equal(component.update!(changed), true)
  const [second] = await send()
  t.same(second!.labels.toObject(), { ip: '10.0.0.1', name: 'old', rack: 'r1' })
  t.same(component.status!(), { targets: 1 })
  t.same(bench.account([first!, second!]), { delivered: 2 })
})

void t.test('of the labels to copy, an empty one leaves the entry as it is', async (t) => {
  const bench = new ComponentBench()
  const component = bench.create(lokiEnrich, {
    forward_to: [],
    targets: [{ ip: '10.0.0.1', name: 'web', rack: '' }],
    target_match_label: 'ip',
    labels_to_copy: ['name', 'rack'],
  })
  const out = await bench.through(component, [bench.entry('', { ip: '10.0.0.1', rack: 'r9' })])
  t.same(out[0]!.labels.toObject(), { ip: '10.0.0.1', name: 'web', rack: 'r9' })
  t.same(bench.account(out), { delivered: 1 })
})
