import t from 'tap'
import { labelSet, type LabelPressure, type LabelSet } from '../../../lib/flow/labels.ts'
import { MAX_SERIES, SeriesTable, type Series } from '../../../lib/flow/series.ts'
import type { Sample } from '../../../lib/telemetry/metrics.ts'

const sample = ({ labels, value }: Series): Sample[] => [{ labels, value }]

void t.test('equal sets are one series, whether or not they are one object', (t) => {
  const table = new SeriesTable(60)
  const labels = labelSet({ a: '1' })
  table.touch(labels, 0).value++
  table.touch(labelSet({ a: '2' }), 0).value++
  table.touch(labels, 0).value++
  t.same(table.collect(0, sample), [
    { labels: { a: '1' }, value: 2 },
    { labels: { a: '2' }, value: 1 },
  ])
  t.end()
})

void t.test('a series is forgotten after the scrape that finds it idle', (t) => {
  const table = new SeriesTable(60)
  const labels = labelSet({ a: '1' })
  table.touch(labels, 100).value = 5
  t.equal(table.collect(159, sample).length, 1)
  t.equal(table.collect(160, sample).length, 1)
  t.equal(table.collect(160, sample).length, 0)
  t.equal(table.touch(labels, 161).value, 0, 'the same set again')
  t.end()
})

void t.test('series are bounded: one more is refused, counted and reported once', (t) => {
  const reports: LabelPressure[] = []
  const table = new SeriesTable(60, 0, (widest) => reports.push(widest))
  const of = (i: number): LabelSet => labelSet({ app: 'x', id: String(i) })
  for (let i = 0; i < MAX_SERIES + 50; i++) table.touch(of(i), i < 5000 ? 100 : 150).value++
  table.touch(of(MAX_SERIES + 49), 150, 3).value += 3
  t.equal(table.refused, 53)
  t.same(reports, [{ label: 'id', distinct: MAX_SERIES }])
  table.touch(of(1), 150).value++
  t.equal(table.touch(of(1), 150).value, 2, 'known series go on')
  t.equal(table.collect(165, sample).length, MAX_SERIES)
  t.equal(table.touch(of(MAX_SERIES), 166).value, 0, 'there is room again after some have expired')
  t.equal(table.refused, 53)
  t.end()
})
