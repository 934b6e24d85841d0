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
