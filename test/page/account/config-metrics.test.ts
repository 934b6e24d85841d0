import t from 'tap'
import type { RecordedSeries } from '../../../lib/telemetry/history.ts'
import { configMetrics, labelText, successPairs } from '../../../page/account/config-metrics.ts'

const series = (
  name: string,
  type: RecordedSeries['type'],
  labels: Record<string, string> = {},
): RecordedSeries => ({ name, type, labels, values: [] })

void t.test('what the config defines, without what the program counts itself', (tap) => {
  const found = configMetrics({
    times: [],
    leftOut: 0,
    series: [
      series('logstream_units_read_total', 'counter'),
      series('pay_total', 'counter', { method: 'a' }),
      series('pay_total', 'counter', { method: 'b' }),
      series('pay_ms_bucket', 'histogram', { le: '5' }),
      series('pay_ms_sum', 'histogram'),
      series('depth', 'gauge'),
    ],
  })
  tap.same(
    [...found.counters].map(([name, of]) => [name, of.length]),
    [['pay_total', 2]],
  )
  tap.same(
    [...found.histograms].map(([name, of]) => [name, of.length]),
    [['pay_ms', 1]],
  )
  tap.same([...found.gauges.keys()], ['depth'])
  tap.end()
})

void t.test('counters that make a success rate', (tap) => {
  tap.same(
    successPairs([
      'payment_success_transactions_total',
      'payment_failed_transactions_total',
      'requests_ok_total',
      'requests_errors_total',
      'logins_succeeded',
      'unsuccessful_total',
      'failed_total',
    ]),
    [
      { success: 'payment_success_transactions_total', failed: 'payment_failed_transactions_total' },
      { success: 'requests_ok_total', failed: 'requests_errors_total' },
    ],
  )
  tap.end()
})

void t.test('a series is named by what tells it from the others', (tap) => {
  const [a, b] = [
    series('x', 'counter', { job: 'j', method: 'a' }),
    series('x', 'counter', { job: 'j', method: 'b' }),
  ]
  tap.equal(labelText(a!, [a!, b!]), 'method=a')
  tap.equal(labelText(a!, [a!]), 'all')
  tap.end()
})
