/** Reads the lines that container run-times write (CRI): `TIME stdout|stderr [F|P] TEXT`, as leniently as Alloy. */
import { isSpace } from '../go/strings/space.ts'

export interface CriLine {
  /** As written; it need not be a time. */
  readonly time: string
  readonly stream: 'stdout' | 'stderr'
  /** The line continues in the next one. */
  readonly partial: boolean
  readonly content: string
}

const BLANK = 32
const FULL = 70
const PARTIAL = 80

/** The parts of a line; undefined if it is none of these. */
// line = time " " ( "stdout" | "stderr" ) " " [ "F" | "P" ] [ " " ] content   time = { any but white space }
export function parseCri(line: string): CriLine | undefined {
  let at = 0
  while (at < line.length && !isSpace(line.charCodeAt(at))) at++
  if (line.charCodeAt(at) !== BLANK) return undefined
  const time = line.slice(0, at++)
  const stream = line.startsWith('stdout', at)
    ? 'stdout'
    : line.startsWith('stderr', at)
      ? 'stderr'
      : undefined
  if (stream === undefined || line.charCodeAt(at + 6) !== BLANK) return undefined
  at += 7
  const flag = line.charCodeAt(at)
  if (flag === FULL || flag === PARTIAL) at++
  if (line.charCodeAt(at) === BLANK) at++
  return { time, stream, partial: flag === PARTIAL, content: line.slice(at) }
}

/**
 * As `parseCri` over the bytes in [from, to). Of a line that continues (`partial`) or doesn't (`full`) it puts into `spans`,
 * from `base` + 2 on, where the stream, the content and the time lie. `none`: the line is in another format. `other`: ask
 * `parseCri`.
 */
export function cutCri(
  bytes: Uint8Array,
  from: number,
  to: number,
  spans: Int32Array,
  base: number,
): 'full' | 'partial' | 'none' | 'other' {
  let at = from
  while (at < to && bytes[at]! > BLANK && bytes[at]! < 128) at++
  // Other white space than a blank ends a time too, but then the line isn't one of these.
  if (at < to && bytes[at]! >= 128) return 'other'
  if (at >= to || bytes[at] !== BLANK) return at < to && !isSpace(bytes[at]!) ? 'other' : 'none'
  const stream = at + 1
  const end = stream + 6
  if (end >= to || bytes[end] !== BLANK) return 'none'
  if (!holds(bytes, stream, STDOUT) && !holds(bytes, stream, STDERR)) return 'none'
  let content = end + 1
  const partial = content < to && bytes[content] === PARTIAL
  if (partial || (content < to && bytes[content] === FULL)) content++
  if (content < to && bytes[content] === BLANK) content++
  spans[base + 2] = stream
  spans[base + 3] = end
  spans[base + 4] = content
  spans[base + 5] = to
  spans[base + 6] = from
  spans[base + 7] = at
  return partial ? 'partial' : 'full'
}

const STDOUT = Buffer.from('stdout')
const STDERR = Buffer.from('stderr')

/** Whether the stream that `cutCri` has found at `at` is stderr. */
export function isStderrAt(bytes: Uint8Array, at: number): boolean {
  return bytes[at + 3] === STDERR[3]
}

function holds(bytes: Uint8Array, at: number, text: Uint8Array): boolean {
  for (let i = 0; i < text.length; i++) if (bytes[at + i] !== text[i]) return false
  return true
}
