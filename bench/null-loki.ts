/**
 * A Loki that keeps nothing, in a process of its own so that its CPU time isn't counted as ours. Counts the lines that
 * come, and tells its parent when those that a run should send are there; or records them, to compare two runs.
 */
import { createHash } from 'node:crypto'
import { createWriteStream } from 'node:fs'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { once } from 'node:events'
import { gunzipSync } from 'node:zlib'
import { decodePush } from '../lib/loki/decode.ts'
import { WireReader } from '../lib/loki/protobuf.ts'
import type { PushedEntry } from '../lib/loki/pushed.ts'
import { snappy } from '../lib/loki/snappy.ts'

/** What its parent sends before each run. */
export interface Expectation {
  /** How many lines to wait for. */
  readonly lines: number
  /** A file to record the entries in, stream by stream; left out: they are counted only. */
  readonly record?: string
  /** Whether lines begin with the milliseconds of Unix time at which they were written; the delays go into the answer. */
  readonly delays?: boolean
}

/** What it sends: first its port, then one of these when the lines of a run have come. */
export interface Arrived {
  readonly lines: number
  /** Milliseconds of Unix time of the first push. */
  readonly first: number
  /** Milliseconds, sorted. */
  readonly delays: readonly number[]
}

// Lines without a time of their own get the time of reading, which differs from run to run.
const NOW_MS = 24 * 3600 * 1000

let expected: Expectation = { lines: Infinity }
let lines = 0
let first = 0
let delays: number[] = []
const streams = new Map<string, string[]>()

process.on('message', (message: Expectation) => {
  expected = message
  lines = 0
  first = 0
  delays = []
  streams.clear()
  process.send?.('ready')
})
process.on('disconnect', () => process.exit(0))

const server = createServer((request, response) => {
  const chunks: Buffer[] = []
  request.on('data', (chunk: Buffer) => chunks.push(chunk))
  request.on('end', () => {
    response.writeHead(204).end()
    if (first === 0) first = Date.now()
    const body = Buffer.concat(chunks)
    const plain = request.headers['content-encoding'] === 'gzip' ? gunzipSync(body) : body
    const json = String(request.headers['content-type']).includes('json')
    void take(json ? countJson(plain) : takeProtobuf(snappy.uncompress(plain)))
  })
})
server.listen(0, '127.0.0.1', () => process.send?.((server.address() as AddressInfo).port))

async function take(count: number): Promise<void> {
  const missing = lines < expected.lines
  lines += count
  if (!missing || lines < expected.lines) return
  if (expected.record !== undefined) await writeRecord(expected.record)
  process.send?.({ lines, first, delays: delays.toSorted((a, b) => a - b) } satisfies Arrived)
}

function takeProtobuf(push: Buffer): number {
  if (expected.record === undefined && expected.delays !== true) return countEntries(push)
  const decoded = decodePush(push)
  if (!decoded.ok) throw new Error(decoded.error)
  let count = 0
  const now = Date.now()
  for (const { labels, entries } of decoded.streams) {
    count += entries.length
    if (expected.delays === true) for (const { line } of entries) delays.push(now - Number.parseInt(line, 10))
    if (expected.record === undefined) continue
    const known = streams.get(labels)
    const texts = entries.map(textOf)
    if (known === undefined) streams.set(labels, texts)
    else for (const text of texts) known.push(text)
  }
  return count
}

/** Entries of an uncompressed push, without a look into them. */
function countEntries(push: Buffer): number {
  let count = 0
  const reader = new WireReader(push)
  while (reader.next()) {
    if (reader.field !== 1) continue
    const stream = reader.message()
    while (stream.next()) if (stream.field === 2) count++
  }
  return count
}

function countJson(push: Buffer): number {
  const { streams } = JSON.parse(push.toString()) as { streams: { values: unknown[] }[] }
  return streams.reduce((sum, { values }) => sum + values.length, 0)
}

function textOf({ seconds, nanos, line, structuredMetadata }: PushedEntry): string {
  const fresh = Math.abs(Date.now() - seconds * 1000) < NOW_MS
  const text = line.length > 4096 ? createHash('sha256').update(line).digest('hex') : line
  return JSON.stringify([fresh ? 'now' : `${seconds}.${nanos}`, text, ...structuredMetadata])
}

async function writeRecord(path: string): Promise<void> {
  const out = createWriteStream(path)
  for (const [labels, texts] of [...streams].sort(([a], [b]) => (a < b ? -1 : 1)))
    for (const text of texts) if (!out.write(`${labels} ${text}\n`)) await once(out, 'drain')
  out.end()
  await once(out, 'finish')
}
