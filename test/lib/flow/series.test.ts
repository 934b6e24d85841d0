import t from 'tap'
import { labelSet } from '../../../lib/flow/labels.ts'
import { SeriesTable, type Series } from '../../../lib/flow/series.ts'
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
