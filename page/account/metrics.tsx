/** The metrics of the config as charts: how long things take, how many succeed, how fast counters grow. */
import type { Point } from '../../lib/logql/api/answers.ts'
import { counted, grouped, short } from '../numbers.ts'
import { visible } from '../text/visible.ts'
import { configMetrics, labelText, successPairs, type ConfigMetrics } from './config-metrics.ts'
import { bucketsOf, fallen, quantile, quantileOver, type BucketSeries } from './histogram.ts'
import { history } from './history.ts'
import { levelOf, rateOf, sumOf, type Recorded } from './points.ts'
import { OverTime, type Curve } from './over-time.tsx'

/** Curves of one chart; more than these can't be told apart. */
const MOST_CURVES = 8
const SHARES = [0.5, 0.95, 0.99] as const

export function MetricCharts() {
  const now = history.value
  if (now === undefined || now.times.length < 2) return null
  const found = configMetrics(now)
  if (found.histograms.size + found.counters.size + found.gauges.size === 0) return null
  return (
    <>
      <h2>Metrics of the config</h2>
      <SuccessRates found={found} />
      {[...found.histograms].map(([name, series]) => (
        <Latency key={name} name={name} series={series} />
      ))}
      <div class="charts">
        {[...found.counters].map(([name, series]) => (
          <OverTime key={name} title={visible(name)} unit="/s" {...curvesOf(series, rateOf)} />
        ))}
        {[...found.gauges].map(([name, series]) => (
          <OverTime key={name} title={visible(name)} unit="" {...curvesOf(series, levelOf)} />
        ))}
      </div>
    </>
  )
}

// The series with the most come first, the others are named as left out.
function curvesOf(
  series: readonly Recorded[],
  pointsOf: typeof rateOf,
): { readonly curves: readonly Curve[]; readonly note?: string } {
  const { times } = history.value!
  const last = ({ values }: Recorded): number => values.findLast((value) => value !== null) ?? 0
  const shown = series.toSorted((a, b) => last(b) - last(a)).slice(0, MOST_CURVES)
  return {
    curves: shown.map((each) => ({ name: labelText(each, series), values: pointsOf(times, each.values) })),
    note: series.length > shown.length ? `the ${shown.length} largest of ${series.length} series` : undefined,
  }
}

function SuccessRates({ found: { counters } }: { found: ConfigMetrics }) {
  const { times } = history.value!
  return (
    <div class="charts">
      {successPairs([...counters.keys()]).map(({ success, failed }) => {
        const good = rateOf(times, sumOf(counters.get(success)!))
        const bad = new Map(rateOf(times, sumOf(counters.get(failed)!)))
        const rates = good.map(([time, value]) => [time, Number(value), Number(bad.get(time) ?? 0)] as const)
        const values = rates
          .filter(([, of, others]) => of + others > 0)
          .map(([time, of, others]): Point => [time, String((100 * of) / (of + others))])
        const all = rates.map(([time, of, others]): Point => [time, String(of + others)])
        return [
          <OverTime
            key={success}
            title="Success rate"
            note={`${visible(success)} of it and ${visible(failed)}`}
            unit=" %"
            curves={[{ name: 'success', values }]}
          />,
          <OverTime
            key={failed}
            title="Rate"
            note="both together"
            unit="/s"
            curves={[{ name: 'all', values: all }]}
          />,
        ]
      })}
    </div>
  )
}

function Latency({ name, series }: { name: string; series: readonly Recorded[] }) {
  const { times } = history.value!
  const buckets = summedUp(series)
  const counts = fallen(buckets, 0, times.length - 1)
  const total = counts.reduce((sum, count) => sum + count, 0)
  return (
    <div class="charts">
      <figure class="over-time">
        <figcaption>
          <h3>{visible(name)}</h3>
          <span class="soft">{counted(total, 'value')} in this time</span>
        </figcaption>
        <Bars bounds={buckets.bounds} counts={counts} total={total} />
      </figure>
      <OverTime
        title={`${visible(name)} over time`}
        note={SHARES.map(
          (share) => `p${share * 100} ${short(quantile(buckets.bounds, counts, share) ?? NaN)}`,
        ).join(', ')}
        unit=""
        curves={SHARES.map((share) => ({
          name: `p${share * 100}`,
          values: quantileOver(buckets, times, share),
        }))}
      />
    </div>
  )
}

// Several components may have a metric of one name.
function summedUp(series: readonly Recorded[]): BucketSeries {
  const bounds = [...new Set(series.map(({ labels }) => labels['le']!))]
  return bucketsOf(
    bounds.map((le) => {
      const of = series.filter(({ labels }) => labels['le'] === le)
      return { ...of[0]!, values: sumOf(of) }
    }),
  )
}

interface BarsProps {
  readonly bounds: readonly number[]
  readonly counts: readonly number[]
  readonly total: number
}

function Bars({ bounds, counts, total }: BarsProps) {
  const most = Math.max(1, ...counts)
  return (
    <table class="bars">
      <thead class="hidden-text">
        <tr>
          <th>Up to</th>
          <th>Values</th>
          <th>Share</th>
        </tr>
      </thead>
      <tbody>
        {counts.map((count, i) => (
          <tr key={bounds[i]}>
            <th scope="row" class="number">
              {bounds[i] === Infinity ? 'more' : `≤ ${short(bounds[i]!)}`}
            </th>
            <td>
              <span class="bar-fill" style={{ width: `${(100 * count) / most}%` }} />
            </td>
            <td class="number">
              {grouped(count)} <small>{total === 0 ? '' : `${((100 * count) / total).toFixed(1)} %`}</small>
            </td>
          </tr>
        ))}
      </tbody>
    </table>
  )
}
