/** Replays recorded requests to Loki against the engine, and compares the answers as the recorder of them does. */
import { readFileSync, readdirSync } from 'node:fs'
import { detectedFieldValues, detectedFields } from '../../lib/logql/api/detected-fields.ts'
import { queryInstant, queryRange } from '../../lib/logql/engine/engine.ts'
import { LogqlError } from '../../lib/logql/syntax/error.ts'
import { detectedLabels, labelNames, labelValues, series } from '../../lib/logql/api/explore.ts'
import {
  countParameter,
  directionParameter,
  encodingFlags,
  intervalParameter,
  rangeParameters,
  stepParameter,
  timeParameter,
  volumeLimitParameter,
} from '../../lib/logql/api/params.ts'
import { parseExpression } from '../../lib/logql/syntax/parse.ts'
import { formatExpression } from '../../lib/logql/syntax/format.ts'
import type { Querier } from '../../lib/logql/engine/querier.ts'
import { aggregateByParameter, indexStats, volume, volumeRange } from '../../lib/logql/api/volume.ts'

export interface Vector {
  readonly name: string
  readonly endpoint: string
  readonly params?: Readonly<Record<string, string | string[]>>
  readonly headers?: Readonly<Record<string, string>>
  readonly status: number
  readonly response?: unknown
  readonly compare?: string
  readonly statusAny?: readonly number[]
  readonly ordered?: boolean
}

export interface Answer {
  readonly status: number
  readonly body: unknown
}

const root = 'fixtures/logql'

/** The files of recorded requests: group name and vectors. */
export function vectorGroups(folder: 'queries' | 'queries-plain' | 'fuzz'): [string, Vector[]][] {
  return readdirSync(`${root}/${folder}`)
    .sort()
    .map((file) => [
      file.replace('.json', ''),
      JSON.parse(readFileSync(`${root}/${folder}/${file}`, 'utf8')) as Vector[],
    ])
}

export function dataset(name: 'dataset' | 'dataset-edge' | 'dataset-fuzz'): Parameters<JSON['parse']>[0] {
  return readFileSync(`${root}/${name}.json`, 'utf8')
}

const NOW = 1_773_000_000_000_000_000n

type Handler = (querier: Querier, source: URLSearchParams, vector: Vector, name: string) => Promise<unknown>

function success(data: unknown): unknown {
  return { status: 'success', data }
}

function listed(values: string[]): unknown {
  return values.length === 0 ? { status: 'success' } : success(values)
}

function fieldsRequest(source: URLSearchParams): Parameters<typeof detectedFields>[1] {
  return {
    ...rangeParameters(source, NOW),
    query: source.get('query') ?? '',
    limit: countParameter(source, 'limit', 1000),
    lineLimit: countParameter(source, 'line_limit', 100),
  }
}

function volumeRequest(source: URLSearchParams): Parameters<typeof volume>[1] {
  return {
    ...rangeParameters(source, NOW),
    query: source.get('query') ?? '',
    targetLabels: (source.get('targetLabels') ?? '').split(',').filter((name) => name !== ''),
    aggregateBy: aggregateByParameter(source.get('aggregateBy') ?? ''),
    limit: volumeLimitParameter(source),
  }
}

const handlers: Record<string, Handler | undefined> = {
  async query_range(querier, source, { headers }) {
    const range = rangeParameters(source, NOW)
    const request = {
      ...range,
      limit: countParameter(source, 'limit', 100),
      direction: directionParameter(source),
      interval: intervalParameter(source),
      step: stepParameter(source, range),
      flags: encodingFlags(headers?.['X-Loki-Response-Encoding-Flags']),
    }
    return success(await queryRange(querier, parseExpression(source.get('query') ?? ''), request))
  },
  async query(querier, source) {
    const expression = parseExpression(source.get('query') ?? '')
    return success(await queryInstant(querier, expression, timeParameter(source, 'time', NOW)))
  },
  async labels(querier, source) {
    return listed(await labelNames(querier, source.get('query') ?? '', rangeParameters(source, NOW)))
  },
  async values(querier, source, _, name) {
    return listed(await labelValues(querier, name, source.get('query') ?? '', rangeParameters(source, NOW)))
  },
  async series(querier, source) {
    return success(await series(querier, source.getAll('match[]'), rangeParameters(source, NOW)))
  },
  async detected_labels(querier, source) {
    const found = await detectedLabels(querier, source.get('query') ?? '', rangeParameters(source, NOW))
    return found.length === 0 ? {} : { detectedLabels: found }
  },
  async detected_fields(querier, source) {
    const request = fieldsRequest(source)
    const fields = await detectedFields(querier, request)
    return fields.length === 0 ? {} : { fields, limit: request.limit }
  },
  async field_values(querier, source, _, name) {
    const request = fieldsRequest(source)
    const values = await detectedFieldValues(querier, name, request)
    return values.length === 0 ? {} : { values, limit: request.limit }
  },
  async 'index/stats'(querier, source) {
    return await indexStats(querier, source.get('query') ?? '', rangeParameters(source, NOW))
  },
  async 'index/volume'(querier, source) {
    return success(await volume(querier, volumeRequest(source)))
  },
  async 'index/volume_range'(querier, source) {
    const request = volumeRequest(source)
    return success(await volumeRange(querier, request, stepParameter(source, request)))
  },
  async format_query(_, source) {
    return success(formatExpression(parseExpression(source.get('query') ?? '')))
  },
}

function route(endpoint: string): [key: string, name: string] {
  const field = /^detected_field\/(.+)\/values$/.exec(endpoint)
  if (field !== null) return ['field_values', field[1]!]
  const label = /^label\/(.+)\/values$/.exec(endpoint)
  if (label !== null) return ['values', label[1]!]
  return [endpoint === 'label' ? 'labels' : endpoint, '']
}

/** Whether the engine is what answers this request, rather than the router of a server. */
export function isForEngine({ endpoint, name }: Vector): boolean {
  return name !== 'errors/unsupported-method' && handlers[route(endpoint)[0]] !== undefined
}

export async function answer(querier: Querier, vector: Vector): Promise<Answer> {
  const source = new URLSearchParams()
  for (const [name, values] of Object.entries(vector.params ?? {}))
    for (const value of [values].flat()) source.append(name, value)
  const [key, name] = route(vector.endpoint)
  try {
    return { status: 200, body: await handlers[key]!(querier, source, vector, name) }
  } catch (error) {
    if (!(error instanceof LogqlError)) throw error
    return { status: error.status, body: error.message }
  }
}

type Json = null | boolean | number | string | Json[] | { [key: string]: Json }

function sortedKeys(object: Json | undefined): Json {
  return Object.fromEntries(Object.entries(object ?? {}).sort(([a], [b]) => (a < b ? -1 : 1))) as Json
}

function sortBy<T>(items: T[], key: (item: T) => string): void {
  items.sort((a, b) => (key(a) < key(b) ? -1 : key(a) > key(b) ? 1 : 0))
}

interface Body {
  data?: Json[] | { stats?: Json; encodingFlags?: string[]; resultType?: string; result?: Row[] } | string
  fields?: { label: string; parsers: string[] | null }[] | number
  values?: string[]
  detectedLabels?: { label: string }[]
}

interface Row {
  stream?: Json
  metric?: Json
  values?: [string, string, { [key: string]: Json }?][]
  value?: Json
}

function normaliseRows(rows: Row[], ordered: boolean): void {
  for (const row of rows) {
    if (row.metric !== undefined) row.metric = sortedKeys(row.metric)
    if (row.stream === undefined) continue
    row.stream = sortedKeys(row.stream)
    for (const [, , labels] of row.values ?? [])
      for (const name of Object.keys(labels ?? {})) labels![name] = sortedKeys(labels![name])
  }
  if (!ordered) sortBy(rows, (row) => JSON.stringify([row.stream ?? row.metric, row.values ?? row.value]))
}

/** Takes out of an answer what is random in Loki. */
function normalise(vector: Vector, answered: unknown): unknown {
  if (typeof answered !== 'object' || answered === null) return answered
  const body = structuredClone(answered) as Body
  const { data } = body
  if (Array.isArray(data)) {
    if (typeof data[0] === 'object') body.data = data.map(sortedKeys)
    sortBy(body.data as Json[], (item) => JSON.stringify(item))
  } else if (typeof data === 'object') {
    delete data.stats
    data.encodingFlags?.sort()
    if (data.resultType === 'scalar') (data.result as Json[])[0] = null
    else if (data.result !== undefined) normaliseRows(data.result, vector.ordered === true)
  }
  if (Array.isArray(body.fields)) {
    for (const field of body.fields) field.parsers?.sort()
    sortBy(body.fields, ({ label }) => label)
    if (vector.name === 'detected/fields-limit') body.fields = body.fields.length
  }
  body.values?.sort()
  if (body.detectedLabels !== undefined) sortBy(body.detectedLabels, ({ label }) => label)
  return body
}

function toNumber(text: unknown): number {
  return text === '+Inf' ? Infinity : text === '-Inf' ? -Infinity : Number(text)
}

function close(a: number, b: number, relative: number, absolute = 0): boolean {
  if (a === b || (Number.isNaN(a) && Number.isNaN(b))) return true
  return Math.abs(a - b) <= Math.max(absolute, relative * Math.max(Math.abs(a), Math.abs(b)))
}

type Leaf = (path: string, a: unknown, b: unknown) => boolean

function isContainer(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null
}

function difference(a: unknown, b: unknown, leaf: Leaf, path: string): string | undefined {
  if (isContainer(a) && isContainer(b) && Array.isArray(a) === Array.isArray(b)) {
    if (Array.isArray(a) && Array.isArray(b) && a.length !== b.length)
      return `${path}: length ${a.length} != ${b.length}`
    for (const key of new Set([...Object.keys(a), ...Object.keys(b)])) {
      if (!(key in a) || !(key in b)) return `${path}.${key}: ${key in a ? 'missing' : 'unexpected'}`
      const found = difference(a[key], b[key], leaf, `${path}.${key}`)
      if (found !== undefined) return found
    }
    return undefined
  }
  return a === b || leaf(path, a, b) ? undefined : `${path}: ${JSON.stringify(a)} != ${JSON.stringify(b)}`
}

function leafOf(vector: Vector): Leaf {
  const { compare, name } = vector
  const response = vector.response as { streams?: number; data?: { resultType?: string } } | undefined
  const isMetric = ['matrix', 'vector', 'scalar'].includes(response?.data?.resultType ?? '')
  const slack = 2048 + (/volume$|job|aggregate/.test(name) ? 26 * 1024 : 0)
  return (path, a, b) => {
    if (compare === 'stats') {
      if (path.endsWith('chunks')) return true
      if (path.endsWith('bytes'))
        return close(Number(a), Number(b), 0.15, 1024 * Math.max(1, response?.streams ?? 0))
      return path.endsWith('entries') && name.endsWith('partial') && close(Number(a), Number(b), 0.05)
    }
    if (compare === 'volume') return typeof a === 'string' && close(toNumber(a), toNumber(b), 0.15, slack)
    if (compare === 'detected') return path.endsWith('cardinality') && close(Number(a), Number(b), 0.05, 1)
    if (!isMetric || typeof a !== 'string' || typeof b !== 'string' || path.includes('metric')) return false
    return close(toNumber(a), toNumber(b), 1e-9)
  }
}

/** What differs between the recorded answer and another one; undefined if nothing does. */
export function differs(vector: Vector, { status, body }: Answer): string | undefined {
  if (vector.statusAny !== undefined)
    return vector.statusAny.includes(status)
      ? undefined
      : `status ${status} not in ${vector.statusAny.join()}`
  if (vector.compare === 'none') return undefined
  if (status !== vector.status)
    return `status ${vector.status} != ${status}: ${JSON.stringify(body).slice(0, 200)}`
  if (vector.compare === 'status' || status >= 400) return undefined
  return difference(vector.response, normalise(vector, body), leafOf(vector), '$')
}
