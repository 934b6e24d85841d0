/** Requests of Amazon Data Firehose, and what their records hold: lines, or events of CloudWatch Logs. */
import { decodeBase64 } from '../../formats/base64.ts'
import { decodeBody } from '../../loki/body.ts'
import { isJsonObject, jsonObject, textIn } from '../../loki/json-object.ts'

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
  const request = jsonObject(body.toString('utf8'))
  const records = request?.['records']
  if (!Array.isArray(records)) return undefined
  return {
    timestamp: millisecondsOf(request?.['timestamp']),
    records: (records as readonly unknown[]).map((record) => {
      const data = isJsonObject(record) ? record['data'] : undefined
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
  const bytes = decodeBase64(data)
  if (bytes === undefined) return 'base64-decode'
  if (!bytes.subarray(0, GZIP.length).equals(GZIP)) {
    if (bytes.length > limit) return 'too-large'
    return { size: bytes.length, content: bytes.toString('utf8') }
  }
  const unpacked = await decodeBody(bytes, 'gzip', limit)
  if (!unpacked.ok) return unpacked.status === 413 ? 'too-large' : 'gzip-deflate'
  const text = unpacked.bytes.toString('utf8')
  return { size: unpacked.bytes.length, content: cloudWatchLogs(text) ?? text }
}

// `undefined` for what some other producer has packed.
function cloudWatchLogs(text: string): CloudWatchLogs | undefined {
  const record = jsonObject(text)
  const events = record?.['logEvents']
  if (record === undefined || typeof record['messageType'] !== 'string' || !Array.isArray(events))
    return undefined
  const logEvents: LogEvent[] = []
  for (const event of events as readonly unknown[]) {
    if (!isJsonObject(event) || typeof event['message'] !== 'string') return undefined
    logEvents.push({ timestamp: millisecondsOf(event['timestamp']), message: event['message'] })
  }
  const filters = record['subscriptionFilters']
  return {
    owner: textIn(record, 'owner'),
    logGroup: textIn(record, 'logGroup'),
    logStream: textIn(record, 'logStream'),
    subscriptionFilters: Array.isArray(filters) ? (filters as readonly unknown[]).map(String) : [],
    messageType: record['messageType'],
    logEvents,
  }
}

function millisecondsOf(value: unknown): number | undefined {
  return Number.isSafeInteger(value) ? (value as number) : undefined
}
