/** Requests of Amazon Data Firehose, and what their records hold: lines, or events of CloudWatch Logs. */
import { decodeBody } from '../../loki/body.ts'
import { limitJsonValues } from '../../loki/value-limit.ts'

export interface FirehoseRequest {
  /** Milliseconds of Unix time; `undefined` if it has none. */
  readonly timestamp: number | undefined
  /** Base64. */
  readonly records: readonly string[]
}

/** What a subscription filter of CloudWatch Logs sends. */
export interface CloudWatchLogs {
  readonly owner: string
  readonly logGroup: string
  readonly logStream: string
  readonly subscriptionFilters: readonly string[]
  /** `DATA_MESSAGE`, or `CONTROL_MESSAGE` when AWS only looks whether the destination can be reached. */
  readonly messageType: string
  readonly logEvents: readonly LogEvent[]
}

export interface LogEvent {
  readonly timestamp: number | undefined
  readonly message: string
}

/** Why a record can't be read, under the names of Alloy's metric; `too-large` refuses the whole request. */
export type RecordFault = 'base64-decode' | 'gzip-deflate' | 'too-large'

export interface UnpackedRecord {
  /** Bytes of `content`. */
  readonly size: number
  readonly content: string | CloudWatchLogs
}

/** Returns the request, or `undefined` for a body that isn't one. */
export function requestIn(body: Buffer): FirehoseRequest | undefined {
  const request = objectIn(body.toString('utf8'))
  const records = request?.['records']
  if (!Array.isArray(records)) return undefined
  return {
    timestamp: millisecondsOf(request?.['timestamp']),
    records: (records as readonly unknown[]).map((record) => {
      const data = isObject(record) ? record['data'] : undefined
      return typeof data === 'string' ? data : NO_DATA
    }),
  }
}

/** Isn't base64. */
const NO_DATA = '-'

/** The first two bytes are gzip's mark, the third is its only method (RFC 1952, section 2.3.1). */
const GZIP = Buffer.from([0x1f, 0x8b, 8])

/** Unpacks a record of at most `limit` bytes: CloudWatch Logs sends gzip, so whatever isn't gzip is a line as it is. */
export async function unpackRecord(data: string, limit: number): Promise<UnpackedRecord | RecordFault> {
  if (!isBase64(data)) return 'base64-decode'
  const bytes = Buffer.from(data, 'base64')
  if (!bytes.subarray(0, GZIP.length).equals(GZIP)) {
    if (bytes.length > limit) return 'too-large'
    return { size: bytes.length, content: bytes.toString('utf8') }
  }
  const unpacked = await decodeBody(bytes, 'gzip', limit)
  if (!unpacked.ok) return unpacked.status === 413 ? 'too-large' : 'gzip-deflate'
  const text = unpacked.bytes.toString('utf8')
  return { size: unpacked.bytes.length, content: cloudWatchLogs(text) ?? text }
}

// Node's decoder passes over what isn't base64, and so would make a line of anything.
function isBase64(text: string): boolean {
  return text.length % 4 === 0 && /^[A-Za-z0-9+/]*={0,2}$/.test(text)
}

// `undefined` for what some other producer has packed.
function cloudWatchLogs(text: string): CloudWatchLogs | undefined {
  const record = objectIn(text)
  const events = record?.['logEvents']
  if (record === undefined || typeof record['messageType'] !== 'string' || !Array.isArray(events))
    return undefined
  const logEvents: LogEvent[] = []
  for (const event of events as readonly unknown[]) {
    if (!isObject(event) || typeof event['message'] !== 'string') return undefined
    logEvents.push({ timestamp: millisecondsOf(event['timestamp']), message: event['message'] })
  }
  const filters = record['subscriptionFilters']
  return {
    owner: textOf(record['owner']),
    logGroup: textOf(record['logGroup']),
    logStream: textOf(record['logStream']),
    subscriptionFilters: Array.isArray(filters) ? (filters as readonly unknown[]).map(textOf) : [],
    messageType: record['messageType'],
    logEvents,
  }
}

function objectIn(text: string): Readonly<Record<string, unknown>> | undefined {
  try {
    limitJsonValues(text)
    const value: unknown = JSON.parse(text)
    return isObject(value) ? value : undefined
  } catch {
    return undefined
  }
}

function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

function textOf(value: unknown): string {
  return typeof value === 'string' ? value : ''
}

function millisecondsOf(value: unknown): number | undefined {
  return Number.isSafeInteger(value) ? (value as number) : undefined
}
