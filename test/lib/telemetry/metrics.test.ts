import { register } from 'prom-client'
import t from 'tap'
import type { Sample } from '../../../lib/telemetry/family.ts'
import { Metrics } from '../../../lib/telemetry/metrics.ts'

const samples = async (metrics: Metrics): Promise<string[]> =>
  (await metrics.exposition()).split('\n').filter((line) => line !== '' && !line.startsWith('#'))

void t.test('counters, gauges and families that are computed', async (tap) => {
  const metrics = Metrics.create()
  const counter = metrics.counter('a_total', 'A.', { x: '1' })
  counter.value += 3
  tap.equal(
    metrics.counter('a_total', 'A.', { x: '1' }),
    counter,
    'the same one for the same name and labels',
  )
  metrics.counter('a_total', 'A.', { x: '2' }).value = 1
  const gauge = metrics.gauge('b', 'B.')
  gauge.value = 5
  let now = 1
  metrics.gauge('c', 'C.', () => now, { y: 'z' })
  const drops = metrics.counters('d_total', 'D.', 'reason')
  drops.add('one')
  drops.add('one', 4)
  drops.add('none', 0)
  metrics.counters('d_total', 'D.', 'reason').add('one')
  metrics.collect('e', 'histogram', 'E.', (): Sample[] => [
    { labels: { le: '1' }, value: 2, name: 'e_bucket' },
    { labels: { of: 'x' }, value: 3, name: 'e_sum' },
  ])
  now = 2
  tap.same(await samples(metrics), [
    'a_total{x="1"} 3',
    'a_total{x="2"} 1',
    'b 5',
    'c{y="z"} 2',
    'd_total{reason="one"} 6',
    'd_total{reason="none"} 0',
    'e_bucket{le="1"} 2',
    'e_sum{of="x"} 3',
  ])
  tap.same(
    metrics.snapshot().map(({ name, type }) => [name, type]),
    [
      ['a_total', 'counter'],
      ['b', 'gauge'],
      ['c', 'gauge'],
      ['d_total', 'counter'],
      ['e', 'histogram'],
    ],
  )
  tap.match(metrics.contentType, /^text\/plain/)
})

void t.test('a view adds its labels and takes back what is its own', async (tap) => {
  const metrics = Metrics.create()
  const one = metrics.with({ id: '1' })
  const two = metrics.with({ id: '2' }).with({ more: 'x' })
  one.counter('a_total', 'A.').value = 1
  two.counter('a_total', 'A.').value = 2
  tap.same((await samples(metrics)).sort(), ['a_total{id="1"} 1', 'a_total{id="2",more="x"} 2'])
  one.close()
  tap.same(await samples(metrics), ['a_total{id="2",more="x"} 2'])
  two.close()
  tap.same(await samples(metrics), [])
  one.counter('a_total', 'A.').value = 7
  tap.same(await samples(metrics), ['a_total{id="1"} 7'], 'a name is free again')
})

void t.test('one name has one type', (tap) => {
  const metrics = Metrics.create()
  metrics.counter('a', 'A.')
  tap.throws(() => metrics.gauge('a', 'A.'), {
    code: 'BAD_ARGUMENT',
    option: 'name',
    message: /already a counter/,
  })
  tap.end()
})

void t.test("metrics of the process, and the user's own registry", async (tap) => {
  tap.match(await Metrics.create({ process: true }).exposition(), /process_cpu_user_seconds_total/)
  const own = Metrics.ofDefaultRegistry()
  own.counter('own_total', 'Own.').value = 1
  tap.match(await register.metrics(), /own_total 1/)
  own.close()
})

void t.test('a look in passing is told apart from a scrape', (tap) => {
  const metrics = Metrics.create()
  const asked: boolean[] = []
  const source = (peek: boolean): Sample[] => {
    asked.push(peek)
    return [{ labels: {}, value: 1 }]
  }
  metrics.collect('own_total', 'counter', 'Own.', source)
  metrics.collect('of_config_total', 'counter', 'Of the config.', source, true)
  metrics.snapshot()
  tap.same(
    metrics.peek(({ ofConfig }) => ofConfig).map(({ name }) => name),
    ['of_config_total'],
  )
  tap.same(asked, [false, false, true])
  tap.end()
})
