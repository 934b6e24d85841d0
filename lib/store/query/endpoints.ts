/** What each address of Loki's query API answers: parameters go in, the data of the answer comes out. */
import type { NamesAnswer, QueryAnswer, SeriesAnswer, Success } from '../../logql/api/answers.ts'
import { detectedFields, detectedFieldValues, type FieldsRequest } from '../../logql/api/detected-fields.ts'
import { queryInstant, queryRange, type EngineOptions } from '../../logql/engine/engine.ts'
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
import { parseExpression } from '../../logql/syntax/parse.ts'
import type { Querier } from '../../logql/engine/querier.ts'
import {
  aggregateByParameter,
  indexStats,
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
    indexStats(querier, queryOf(values), rangeParameters(values, now), { signal }),
  'index/volume': async (querier, asked) => success(await volume(querier, volumeRequest(asked))),
  'index/volume_range': async (querier, asked) => {
    const request = volumeRequest(asked)
    return success(await volumeRange(querier, request, stepParameter(asked.values, request)))
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
  // As in a Loki whose pattern ingester is off, which is its default.
  patterns: () => Promise.resolve(success([])),
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

async function answerRange(
  querier: Querier,
  { values, flags, now, signal, limits }: Asked,
): Promise<QueryAnswer> {
  const range = rangeParameters(values, now)
  const request = {
    ...range,
    limit: countParameter(values, 'limit', 100),
    direction: directionParameter(values),
    interval: intervalParameter(values),
    step: stepParameter(values, range),
    flags: encodingFlags(flags),
  }
  const expression = parseExpression(queryOf(values))
  return success(await queryRange(querier, expression, request, { signal, limits }))
}

async function answerInstant(querier: Querier, { values, now, signal, limits }: Asked): Promise<QueryAnswer> {
  const expression = parseExpression(queryOf(values))
  const time = timeParameter(values, 'time', now)
  return success(await queryInstant(querier, expression, time, { signal, limits }))
}

async function answerNames(querier: Querier, { values, now, signal }: Asked): Promise<NamesAnswer> {
  return listed(await labelNames(querier, queryOf(values), rangeParameters(values, now), { signal }))
}

async function answerSeries(querier: Querier, { values, now, signal }: Asked): Promise<SeriesAnswer> {
  const matches = [...values.getAll('match[]'), ...values.getAll('match')]
  return success(await series(querier, matches, rangeParameters(values, now), { signal }))
}

function queryOf(values: URLSearchParams): string {
  return values.get('query') ?? ''
}

function fieldsRequest({ values, now, signal }: Asked): FieldsRequest {
  return {
    ...rangeParameters(values, now),
    query: queryOf(values),
    limit: countParameter(values, 'limit', 1000),
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
