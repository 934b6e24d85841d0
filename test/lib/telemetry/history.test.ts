import t from 'tap'
import { History, HISTORY_LIMITS, type Reading } from '../../../lib/telemetry/history.ts'

const reading = (name: string, value: number, labels: Record<string, string> = {}): Reading => ({
  name,
  type: 'counter',
  labels,
  value,
})
const all = (): boolean => true

void t.test('series over their times, with gaps where they were not there', (tap) => {
  const history = new History({ series: 10, slots: 4 })
  history.record(1, [reading('a', 1), reading('b', 5, { x: '1' })])
  history.record(2, [reading('a', 2)])
  history.record(3, [reading('a', 4), reading('b', 6, { x: '1' }), reading('b', 1, { x: '2' })])
  tap.strictSame(history.read(all, 0, 100), {
    times: [1, 2, 3],
    series: [
      { name: 'a', type: 'counter', labels: {}, values: [1, 2, 4] },
      { name: 'b', type: 'counter', labels: { x: '1' }, values: [5, null, 6] },
      { name: 'b', type: 'counter', labels: { x: '2' }, values: [null, null, 1] },
    ],
    leftOut: 0,
  })
  tap.strictSame(history.read(({ name }) => name === 'a', 2, 100).times, [2, 3], 'since a moment')
  tap.end()
})

void t.test('the oldest readings make room, and series of which nothing is left', (tap) => {
  const history = new History({ series: 2, slots: 3 })
  history.record(1, [reading('gone', 1), reading('stays', 1)])
  for (const at of [2, 3, 4]) history.record(at, [reading('stays', at)])
  const { times, series } = history.read(all, 0, 100)
  tap.same(times, [2, 3, 4])
  tap.same(
    series.map(({ name, values }) => [name, values]),
    [['stays', [2, 3, 4]]],
  )
  history.record(5, [reading('stays', 5), reading('new', 1), reading('one too many', 1)])
  tap.same(
    history.read(all, 0, 100).series.map(({ name }) => name),
    ['stays', 'new'],
  )
  tap.equal(history.read(all, 0, 100).leftOut, 1)
  tap.end()
})

void t.test('few points of many, always with the newest', (tap) => {
  const history = new History({ series: 2, slots: 100 })
  for (let at = 1; at <= 100; at++) history.record(at, [reading('a', at)])
  const { times, series } = history.read(all, 0, 10)
  tap.same(times, [10, 20, 30, 40, 50, 60, 70, 80, 90, 100])
  tap.same(series[0]!.values, times)
  tap.end()
})

void t.test('all there can be takes some megabytes', (tap) => {
  tap.ok(HISTORY_LIMITS.series * HISTORY_LIMITS.slots * 8 < 12e6)
  tap.end()
})
