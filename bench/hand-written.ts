/**
 * What the pipeline is measured against: one loop that does the transactions job and nothing else. It works on bytes,
 * has the line format built in, keeps no account, can't be stopped or configured, and loses what is in flight when it is
 * killed. Arguments: the file and the push URL. Prints one JSON line with its counts.
 */
import { openSync, readSync } from 'node:fs'
import { request, Agent } from 'node:http'
import { compressSync } from 'snappy'

const [, , file = '', url = ''] = process.argv
const PIPE = 124
const BATCH = 1024 * 1024
const BUCKETS = [50, 100, 250, 500, 1000, 2500, 5000, 10000]

interface Stream {
  readonly labels: string
  bytes: Buffer
  used: number
}

const agent = new Agent({ keepAlive: true })
const streams = new Map<string, Stream>()
const parsedKeys = new Map<
  number,
  { key: string; from: Buffer; stream: Stream; status: 'SUCCESS' | 'FAILED' | '' }[]
>()
const failedStream = streamOf(`{filename="${file}", job="template-job", parse_status="failed"}`)
const counts = {
  lines: 0,
  parsed: 0,
  failed: 0,
  success: 0,
  failures: 0,
  buckets: Array.from({ length: BUCKETS.length + 1 }, () => 0),
  sum: 0,
}
let pending = 0
const cuts = new Int32Array(8)

function streamOf(labels: string): Stream {
  let stream = streams.get(labels)
  if (stream === undefined) {
    stream = { labels, bytes: Buffer.allocUnsafe(64 * 1024), used: 0 }
    streams.set(labels, stream)
  }
  return stream
}

function varint(to: Buffer, at: number, value: number): number {
  let rest = value
  let place = at
  while (rest >= 128) {
    to[place++] = (rest % 128) | 128
    rest = Math.floor(rest / 128)
  }
  to[place++] = rest
  return place
}

function varintSize(value: number): number {
  let size = 1
  for (let rest = value; rest >= 128; rest = Math.floor(rest / 128)) size++
  return size
}

let seconds = Math.floor(Date.now() / 1000)
let nanos = 0

function append(stream: Stream, chunk: Buffer, start: number, end: number): void {
  const length = end - start
  if (++nanos === 1_000_000_000) {
    nanos = 0
    seconds++
  }
  const stampSize = 2 + varintSize(seconds) + varintSize(nanos)
  const entrySize = 2 + stampSize + 1 + varintSize(length) + length
  if (stream.used + entrySize + 16 > stream.bytes.length) {
    const grown = Buffer.allocUnsafe((stream.bytes.length + entrySize) * 2)
    stream.bytes.copy(grown, 0, 0, stream.used)
    stream.bytes = grown
  }
  const to = stream.bytes
  let at = stream.used
  to[at++] = 0x12
  at = varint(to, at, entrySize)
  to[at++] = 0x0a
  to[at++] = stampSize
  to[at++] = 0x08
  at = varint(to, at, seconds)
  to[at++] = 0x10
  at = varint(to, at, nanos)
  to[at++] = 0x12
  at = varint(to, at, length)
  chunk.copy(to, at, start, end)
  stream.used = at + length
  pending += length
}

/** The method, status and code of a line as a stream; lines with equal bytes there share it. */
function parsedStream(chunk: Buffer): { stream: Stream; status: string } {
  const methodStart = cuts[3]! + 1
  const statusStart = cuts[5]! + 1
  const end = cuts[7]!
  let hash = 0
  for (let i = methodStart; i < cuts[4]!; i++) hash = (Math.imul(hash, 31) + chunk[i]!) | 0
  for (let i = statusStart; i < end; i++) hash = (Math.imul(hash, 31) + chunk[i]!) | 0
  const known = parsedKeys.get(hash)
  const method = chunk.toString('latin1', methodStart, cuts[4])
  const rest = chunk.toString('latin1', statusStart, end)
  const key = `${method}|${rest}`
  const found = known?.find((each) => each.key === key)
  if (found !== undefined) return found
  const [status = '', code = ''] = rest.split('|')
  const labels = `{code="${code}", filename="${file}", job="template-job", method="${method}", parse_status="success", status="${status}"}`
  const made = { key, from: chunk, stream: streamOf(labels), status: status as 'SUCCESS' }
  if (known === undefined) parsedKeys.set(hash, [made])
  else known.push(made)
  return made
}

function digits(chunk: Buffer, start: number, end: number): number {
  if (start === end) return -1
  let value = 0
  for (let i = start; i < end; i++) {
    const digit = chunk[i]! - 48
    if (digit < 0 || digit > 9) return -1
    value = value * 10 + digit
  }
  return value
}

function filled(chunk: Buffer, start: number, end: number, blanks: boolean): boolean {
  if (start === end) return false
  if (blanks) return true
  for (let i = start; i < end; i++) {
    const c = chunk[i]!
    if (c === 32 || (c >= 9 && c <= 13 && c !== 11)) return false
  }
  return true
}

function line(chunk: Buffer, start: number, end: number): void {
  counts.lines++
  let found = 0
  for (let i = start; i < end; i++) if (chunk[i] === PIPE) if (found++ < 7) cuts[found - 1] = i
  cuts[7] = end
  const latency = found === 7 ? digits(chunk, cuts[2]! + 1, cuts[3]!) : -1
  const good =
    latency >= 0 &&
    filled(chunk, start, cuts[0]!, false) &&
    filled(chunk, cuts[0]! + 1, cuts[1]!, false) &&
    filled(chunk, cuts[1]! + 1, cuts[2]!, false) &&
    filled(chunk, cuts[3]! + 1, cuts[4]!, false) &&
    filled(chunk, cuts[4]! + 1, cuts[5]!, true) &&
    filled(chunk, cuts[5]! + 1, cuts[6]!, false) &&
    digits(chunk, cuts[6]! + 1, end) >= 0
  if (!good) {
    counts.failed++
    return append(failedStream, chunk, start, end)
  }
  counts.parsed++
  let bucket = 0
  while (bucket < BUCKETS.length && latency > BUCKETS[bucket]!) bucket++
  counts.buckets[bucket]!++
  counts.sum += latency
  const { stream, status } = parsedStream(chunk)
  if (status === 'SUCCESS') counts.success++
  else if (status === 'FAILED') counts.failures++
  append(stream, chunk, start, end)
}

async function push(): Promise<void> {
  const parts: Buffer[] = []
  for (const stream of streams.values()) {
    if (stream.used === 0) continue
    const labels = Buffer.from(stream.labels)
    const size = 1 + varintSize(labels.length) + labels.length + stream.used
    const head = Buffer.allocUnsafe(labels.length + 24)
    let at = 0
    head[at++] = 0x0a
    at = varint(head, at, size)
    head[at++] = 0x0a
    at = varint(head, at, labels.length)
    at += labels.copy(head, at)
    parts.push(head.subarray(0, at), stream.bytes.subarray(0, stream.used))
    stream.used = 0
  }
  pending = 0
  const body = compressSync(Buffer.concat(parts))
  await new Promise<void>((resolve, reject) => {
    const sent = request(
      url,
      {
        method: 'POST',
        agent,
        headers: { 'content-type': 'application/x-protobuf', 'content-length': body.length },
      },
      (answer) => {
        answer.resume()
        answer.on('end', () =>
          answer.statusCode === 204 ? resolve() : reject(new Error(`status ${answer.statusCode}`)),
        )
      },
    )
    sent.on('error', reject)
    sent.end(body)
  })
}

const fd = openSync(file, 'r')
const buffer = Buffer.allocUnsafe(512 * 1024)
let kept = 0
for (;;) {
  const read = readSync(fd, buffer, kept, buffer.length - kept, null)
  if (read === 0) break
  const end = kept + read
  let start = 0
  for (let at = buffer.indexOf(10, start); at >= 0 && at < end; at = buffer.indexOf(10, start)) {
    line(buffer, start, at)
    start = at + 1
    if (pending >= BATCH) await push()
  }
  buffer.copyWithin(0, start, end)
  kept = end - start
}
await push()
agent.destroy()
process.stdout.write(
  `${JSON.stringify({ ...counts, cpuSeconds: process.cpuUsage().user / 1e6 + process.cpuUsage().system / 1e6, maxRssMiB: process.resourceUsage().maxRSS / 1024 })}\n`,
)
