/** How much there is: index/stats, index/volume and index/volume_range. */
import type { LabelMatcher } from '../syntax/ast.ts'
import { LogqlError } from '../syntax/error.ts'
import { floorTo, momentOf, stampOf } from '../engine/moment.ts'
import type { TimeRange } from './params.ts'
import { parseMatchers } from '../syntax/parse.ts'
import type { Querier, StreamStatistics } from '../engine/querier.ts'
import type { IndexStats, MatrixData, Point, VectorData } from './answers.ts'
import { metricMap, point } from '../metrics/result.ts'
import { type SeriesLabels, compareLabels, seriesLabels } from '../metrics/series-labels.ts'

interface Options {
  readonly signal?: AbortSignal
}

/** @throws {LogqlError} for anything but a selector */
export async function indexStats(
  querier: Querier,
  query: string,
  range: TimeRange,
  options: Options = {},
): Promise<IndexStats> {
  return await statsOf(querier, parseMatchers(query), range, options)
}

/** What there is of the streams of a selector. */
export async function statsOf(
  querier: Querier,
  matchers: readonly LabelMatcher[],
  { start, end }: TimeRange,
  { signal }: Options = {},
): Promise<IndexStats> {
  const result: IndexStats = { streams: 0, chunks: 0, bytes: 0, entries: 0 }
  for (const stream of await querier.statistics({
    matchers,
    from: momentOf(start),
    to: momentOf(end),
    signal,
  })) {
    result.streams++
    result.chunks += stream.chunks
    result.bytes += stream.bytes
    result.entries += stream.entries
  }
  return result
}

export interface VolumeRequest extends TimeRange {
  readonly query: string
  /** The labels that volumes are counted by; those of the selector if empty. */
  readonly targetLabels: readonly string[]
  /** `labels` counts for each label name instead. */
  readonly aggregateBy: 'series' | 'labels'
  /** The largest so many are answered. */
  readonly limit: number
  readonly signal?: AbortSignal
}

/** @throws {LogqlError} for anything but `series`, `labels` and the empty text */
export function aggregateByParameter(text: string): VolumeRequest['aggregateBy'] {
  if (text === '' || text === 'series') return 'series'
  if (text === 'labels') return 'labels'
  throw new LogqlError(`invalid aggregation option ${JSON.stringify(text)}: write series or labels`)
}

interface Volume {
  readonly labels: SeriesLabels
  readonly bytes: number
}

/** The label sets under which a stream counts: an empty selector counts by all labels. */
function keysOf(
  { stream }: StreamStatistics,
  request: VolumeRequest,
  matchers: readonly LabelMatcher[],
): SeriesLabels[] {
  const { targetLabels, aggregateBy } = request
  const targets = targetLabels.length > 0 ? targetLabels : matchers.map(({ name }) => name)
  if (aggregateBy === 'labels') {
    const names =
      targetLabels.length > 0 ? stream.names.filter((name) => targetLabels.includes(name)) : stream.names
    return names.map((name) => seriesLabels([[name, '']]))
  }
  if (targets.length === 0) return [seriesLabels(stream.entries())]
  const pairs = stream.entries().filter(([name]) => targets.includes(name))
  // A stream without one of the labels that were asked for is not counted.
  if (targetLabels.length > 0 && pairs.length < new Set(targetLabels).size) return []
  return [seriesLabels(pairs)]
}

async function volumesIn(
  querier: Querier,
  request: VolumeRequest,
  from: bigint,
  to: bigint,
): Promise<Volume[]> {
  // Of what selects all streams Loki takes only this, as it is written here.
  const matchers = request.query === '{}' ? [] : parseMatchers(request.query)
  const volumes = new Map<string, { labels: SeriesLabels; bytes: number }>()
  const selection = { matchers, from: momentOf(from), to: momentOf(to), signal: request.signal }
  for (const stream of await querier.statistics(selection)) {
    for (const labels of keysOf(stream, request, matchers)) {
      const known = volumes.get(labels.key)
      if (known === undefined) volumes.set(labels.key, { labels, bytes: stream.bytes })
      else known.bytes += stream.bytes
    }
  }
  const sorted = [...volumes.values()].sort((a, b) => b.bytes - a.bytes || compareLabels(a.labels, b.labels))
  return sorted.slice(0, request.limit)
}

/** @throws {LogqlError} for anything but a selector */
export async function volume(querier: Querier, request: VolumeRequest): Promise<VectorData> {
  const stamp = stampOf(request.end)
  const volumes = await volumesIn(querier, request, request.start, request.end)
  const result = volumes.map(({ labels, bytes }) => ({
    metric: metricMap(labels),
    value: point(stamp, bytes),
  }))
  return { resultType: 'vector', result }
}

/**
 * The volumes of one bucket after the other. A bucket is stamped a millisecond before its end, the last with the end of
 * the range. Where no series has more than one bucket the answer is a vector, as in Loki.
 *
 * @throws {LogqlError} for anything but a selector, and for too many buckets
 */
export async function volumeRange(
  querier: Querier,
  request: VolumeRequest,
  step: bigint,
): Promise<MatrixData | VectorData> {
  if (step <= 0n || (request.end - request.start) / step > 11_000n)
    throw new LogqlError('too many buckets: write a larger step')
  const series = new Map<string, { labels: SeriesLabels; values: Point[] }>()
  for (let from = request.start; from < request.end;) {
    const next = floorTo(from, step) + step
    const to = next < request.end ? next : request.end
    const stamp = to === request.end ? stampOf(to) : stampOf(to - 1_000_000n)
    for (const { labels, bytes } of await volumesIn(querier, request, from, to)) {
      const known = series.get(labels.key)
      if (known === undefined) series.set(labels.key, { labels, values: [point(stamp, bytes)] })
      else known.values.push(point(stamp, bytes))
    }
    from = to
  }
  const sorted = [...series.values()].sort((a, b) => compareLabels(a.labels, b.labels))
  if (sorted.every(({ values }) => values.length === 1)) {
    const result = sorted.map(({ labels, values }) => ({ metric: metricMap(labels), value: values[0]! }))
    return { resultType: 'vector', result }
  }
  return {
    resultType: 'matrix',
    result: sorted.map(({ labels, values }) => ({ metric: metricMap(labels), values })),
  }
}
