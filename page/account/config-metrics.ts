/** The metrics that the config defines with `stage.metrics`, found among all that is recorded. */
import type { MetricHistory } from '../../lib/page/history.ts'
import type { Recorded } from './points.ts'

export interface ConfigMetrics {
  /** Buckets, by the name of the histogram. */
  readonly histograms: ReadonlyMap<string, readonly Recorded[]>
  /** Counters by name, one series for each label set. */
  readonly counters: ReadonlyMap<string, readonly Recorded[]>
  readonly gauges: ReadonlyMap<string, readonly Recorded[]>
}

const BUCKET = /_bucket$/

export function configMetrics({ series }: MetricHistory): ConfigMetrics {
  const own = series.filter(({ name }) => !name.startsWith('logstream_'))
  const buckets = own.filter(({ type, name }) => type === 'histogram' && BUCKET.test(name))
  return {
    histograms: grouped(buckets, ({ name }) => name.replace(BUCKET, '')),
    counters: grouped(
      own.filter(({ type }) => type === 'counter'),
      ({ name }) => name,
    ),
    gauges: grouped(
      own.filter(({ type }) => type === 'gauge'),
      ({ name }) => name,
    ),
  }
}

function grouped(
  series: readonly Recorded[],
  nameOf: (series: Recorded) => string,
): ReadonlyMap<string, readonly Recorded[]> {
  const groups = new Map<string, Recorded[]>()
  for (const each of series) {
    const of = groups.get(nameOf(each))
    if (of === undefined) groups.set(nameOf(each), [each])
    else of.push(each)
  }
  return groups
}

export interface SuccessPair {
  readonly success: string
  readonly failed: string
}

const SUCCESS = /(^|_)(?:success|successful|succeeded|ok)(?=_|$)/
const FAILED = /(^|_)(?:failed|failure|failures|error|errors)(?=_|$)/

/** Counters that differ in nothing but "success" and "failed", or words like them: together they make a success rate. */
export function successPairs(names: readonly string[]): readonly SuccessPair[] {
  const failed = new Map(
    names.filter((name) => FAILED.test(name)).map((name) => [name.replace(FAILED, '$1*'), name]),
  )
  return names.flatMap((name) => {
    const other = SUCCESS.test(name) ? failed.get(name.replace(SUCCESS, '$1*')) : undefined
    return other === undefined ? [] : [{ success: name, failed: other }]
  })
}

/** What tells a series from the others of its metric. */
export function labelText({ labels }: Recorded, among: readonly Recorded[]): string {
  const telling = Object.entries(labels).filter(([name, value]) =>
    among.some(({ labels: others }) => others[name] !== value),
  )
  return telling.length === 0 ? 'all' : telling.map(([name, value]) => `${name}=${value}`).join(', ')
}
