/** What each address of Loki's query API answers: parameters go in, the data of the answer comes out. */
import type { NamesAnswer, QueryAnswer, SeriesAnswer, Success } from '../../logql/api/answers.ts'
import { detectedFields, detectedFieldValues, type FieldsRequest } from '../../logql/api/detected-fields.ts'
import { queryInstant, queryRange, type EngineOptions, type RangeRequest } from '../../logql/engine/engine.ts'
import { detectedLabels, labelNames, labelValues, series } from '../../logql/api/explore.ts'
import {
  countParameter,
  directionParameter,
  encodingFlags,
  intervalParameter,
  rangeParameters,
  stepParameter,
  timeParameter,
  volumeLimitParameter,
} from '../../logql/api/params.ts'
import { minePatterns, type PatternSeries } from '../../logql/api/patterns.ts'
import { LogqlError } from '../../logql/syntax/error.ts'
import { parseExpression, parseLogExpression } from '../../logql/syntax/parse.ts'
import { RawJson } from './answers.ts'
import { defaultLimits } from '../../logql/engine/budget.ts'
import type { Querier } from '../../logql/engine/querier.ts'
import {
  aggregateByParameter,
  indexStats,
  statsOf,
  volume,
  volumeRange,
  type VolumeRequest,
} from '../../logql/api/volume.ts'

/** One request, its parts read. */
export interface Asked {
  readonly values: URLSearchParams
  /** The name in the path of label values and field values; '' elsewhere. */
  readonly name: string
  /** The header X-Loki-Response-Encoding-Flags. */
  readonly flags: string | undefined
  /** Nanoseconds since 1970. */
  readonly now: bigint
  readonly signal: AbortSignal
  readonly limits: EngineOptions['limits']
}

/** Returns the body of the answer. Throws LogqlError for bad requests, and the signal's reason. */
export type Endpoint = (querier: Querier, asked: Asked) => Promise<unknown>

/** By address below `/loki/api/v1/`. */
export const endpoints: Readonly<Record<string, Endpoint>> = {
  query_range: answerRange,
  query: answerInstant,
  label: answerNames,
  labels: answerNames,
  series: answerSeries,
  'index/stats': (querier, { values, now, signal }) =>
    indexStats(querier, queryOf(values), rangeRequest(values, now), { signal }),
  'index/volume': async (querier, asked) => {
    directionParameter(asked.values)
    timeParameter(asked.values, 'time', asked.now)
    return success(await volume(querier, volumeRequest(asked)))
  },
  'index/volume_range': async (querier, asked) => {
    const request = volumeRequest(asked)
    const { step } = rangeRequest(asked.values, asked.now, request.limit)
    return success(await volumeRange(querier, request, step))
  },
  detected_labels: async (querier, { values, now, signal }) => {
    const found = await detectedLabels(querier, queryOf(values), rangeParameters(values, now), { signal })
    return found.length === 0 ? {} : { detectedLabels: found }
  },
  detected_fields: async (querier, asked) => {
    const request = fieldsRequest(asked)
    const fields = await detectedFields(querier, request)
    return fields.length === 0 ? {} : { fields, limit: request.limit }
  },
  patterns: answerPatterns,
  'index/shards': answerShards,
}

/** The values of the label `name`. */
export const answerValues: Endpoint = async (querier, { values, name, now, signal }) =>
  listed(await labelValues(querier, name, queryOf(values), rangeParameters(values, now), { signal }))

/** The values of the detected field `name`. */
export const answerFieldValues: Endpoint = async (querier, asked) => {
  const request = fieldsRequest(asked)
  const values = await detectedFieldValues(querier, asked.name, request)
  return values.length === 0 ? {} : { values, limit: request.limit }
}

/** `query_range`. */
export async function answerRange(
  querier: Querier,
  { values, flags, now, signal, limits }: Asked,
): Promise<QueryAnswer> {
  const request = { ...rangeRequest(values, now), flags: encodingFlags(flags) }
  const expression = parseExpression(queryOf(values))
  return success(await queryRange(querier, expression, request, { signal, limits }))
}

async function answerInstant(querier: Querier, { values, now, signal, limits }: Asked): Promise<QueryAnswer> {
  const expression = parseExpression(queryOf(values))
  const time = timeParameter(values, 'time', now)
  countParameter(values, 'limit', 100)
  directionParameter(values)
  return success(await queryInstant(querier, expression, time, { signal, limits }))
}

async function answerNames(querier: Querier, { values, now, signal }: Asked): Promise<NamesAnswer> {
  return listed(await labelNames(querier, queryOf(values), rangeParameters(values, now), { signal }))
}

/** `series`. */
export async function answerSeries(querier: Querier, { values, now, signal }: Asked): Promise<SeriesAnswer> {
  const matches = [...values.getAll('match[]'), ...values.getAll('match')]
  return success(await series(querier, matches, rangeParameters(values, now), { signal }))
}

// Loki's pattern ingester knows the last hours only. Here it is a week, as every line has to be read.
async function answerPatterns(
  querier: Querier,
  { values, now, signal, limits }: Asked,
): Promise<Success<PatternSeries[]>> {
  const range = rangeParameters(values, now)
  const first = now - PATTERN_AGE
  const start = range.start > first ? range.start : first
  const step = stepParameter(values, range)
  const request = {
    ...range,
    start,
    query: queryOf(values),
    step,
    limits: { ...defaultLimits, ...limits },
    signal,
  }
  return success(start < range.end ? await minePatterns(querier, request) : [])
}

const PATTERN_AGE = 7n * 86_400_000_000_000n

// One process reads everything itself, so there is one shard, of all hashes of streams. JSON's numbers end before the last of them.
async function answerShards(querier: Querier, { values, now, signal }: Asked): Promise<RawJson> {
  const target = values.get('targetBytesPerShard') ?? ''
  if (!/^0*[1-9]\d*(?:\.\d+)?\s*(?:[kmgtpe]i?)?b?$/i.test(target))
    throw new LogqlError('targetBytesPerShard must be a positive value, such as 600MB')
  const { matchers } = parseLogExpression(queryOf(values))
  const stats = await statsOf(querier, matchers, rangeRequest(values, now), { signal })
  return new RawJson(
    `{"shards":[{"bounds":{"min":0,"max":18446744073709551615},"stats":${JSON.stringify(stats)}}],"statistics":{},"chunkGroups":null}`,
  )
}

function queryOf(values: URLSearchParams): string {
  return values.get('query') ?? ''
}

/**
 * The parameters of a range query, which Loki reads for all that concerns a range: a bad one is refused also where it has
 * no effect.
 */
function rangeRequest(
  values: URLSearchParams,
  now: bigint,
  limit = countParameter(values, 'limit', 100),
): Omit<RangeRequest, 'flags'> {
  const range = rangeParameters(values, now)
  return {
    ...range,
    limit,
    direction: directionParameter(values),
    interval: intervalParameter(values),
    step: stepParameter(values, range),
  }
}

function fieldsRequest({ values, now, signal }: Asked): FieldsRequest {
  const range = rangeParameters(values, now)
  stepParameter(values, range)
  return {
    ...range,
    query: queryOf(values),
    // The older name counts where the other one is left out.
    limit: countParameter(values, values.get('limit') ? 'limit' : 'field_limit', 1000),
    lineLimit: countParameter(values, 'line_limit', 100),
    signal,
  }
}

function volumeRequest({ values, now, signal }: Asked): VolumeRequest {
  return {
    ...rangeParameters(values, now),
    query: queryOf(values),
    targetLabels: (values.get('targetLabels') ?? '').split(',').filter((name) => name !== ''),
    aggregateBy: aggregateByParameter(values.get('aggregateBy') ?? ''),
    limit: volumeLimitParameter(values),
    signal,
  }
}

function success<Data>(data: Data): Success<Data> {
  return { status: 'success', data }
}

// Loki leaves `data` out of empty lists.
function listed(values: string[]): NamesAnswer {
  return values.length === 0 ? { status: 'success' } : success(values)
}
