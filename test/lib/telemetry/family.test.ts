import t from 'tap'
import { Family, type Sample } from '../../../lib/telemetry/family.ts'

const of =
  (value: number, labels: Sample['labels'] = {}) =>
  () => [{ labels, value }]

void t.test('equal series are summed, for gauges the last one counts', (tap) => {
  for (const [type, sum] of [
    ['counter', 3],
    ['gauge', 2],
  ] as const) {
    const family = new Family('a', type, 'A.', false)
    family.add(of(1, { x: '1', y: '2' }))
    family.add(of(2, { y: '2', x: '1' }))
    family.add(of(5, { x: '2' }))
    tap.same(
      family.samples().map(({ value }) => value),
      [sum, 5],
      type,
    )
  }
  tap.end()
})

void t.test('what was removed is gone, or stays counted', (tap) => {
  const [one, two] = [of(1), of(2)]
  const passing = new Family('a', 'counter', 'A.', false)
  const lasting = new Family('a', 'counter', 'A.', true)
  const gauge = new Family('a', 'gauge', 'A.', true)
  for (const family of [passing, lasting, gauge]) for (const source of [one, two]) family.add(source)
  const left = [passing, lasting, gauge].map((family) => [family.remove(one), family.remove(two)])
  tap.same(left, [
    [true, false],
    [true, true],
    [true, false],
  ])
  tap.same([passing.samples(), lasting.samples(), gauge.samples()], [[], [{ labels: {}, value: 3 }], []])
  lasting.add(one)
  tap.equal(lasting.samples()[0]?.value, 4)
  tap.end()
})

void t.test('what prom-client is told', async (tap) => {
  const family = new Family('h', 'histogram', 'H.', false)
  family.add(() => [{ labels: { 'a.b': 'x', '1c': 'y' }, value: 1, name: 'h_bucket' }])
  tap.same(await family.get(), {
    name: 'h',
    help: 'H.',
    type: 'histogram',
    aggregator: 'sum',
    values: [{ labels: { a_b: 'x', _c: 'y' }, value: 1, metricName: 'h_bucket' }],
  })
})

void t.test('a name that is not classic must not make the scrape of all others fail', async (tap) => {
  const family = new Family('1 größe:b', 'counter', 'G.', false)
  family.add(of(1))
  tap.match(await family.get(), { name: '__gr__e:b', values: [{ metricName: '__gr__e:b', value: 1 }] })
})
