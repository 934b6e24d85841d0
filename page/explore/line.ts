/** Log lines as the page holds them, out of Loki's answers. */
import type { EntryLabels, LabelMap, LogStream } from '../../lib/logql/api/answers.ts'

export const LEVELS = ['critical', 'error', 'warning', 'info', 'debug', 'trace', 'unknown'] as const
export type Level = (typeof LEVELS)[number]

export interface Line {
  /** Nanoseconds since 1970. */
  readonly ns: string
  readonly ms: number
  readonly text: string
  readonly labels: LabelMap
  readonly metadata: LabelMap
  readonly parsed: LabelMap
  readonly level: Level
}

const NAMES: ReadonlyMap<string, Level> = new Map([
  ...(['critical', 'fatal', 'emerg', 'emergency', 'alert', 'crit', 'panic'] as const).map(
    (name) => [name, 'critical'] as const,
  ),
  ...(['error', 'err', 'eror'] as const).map((name) => [name, 'error'] as const),
  ...(['warning', 'warn'] as const).map((name) => [name, 'warning'] as const),
  ...(['info', 'information', 'informational', 'notice'] as const).map((name) => [name, 'info'] as const),
  ...(['debug', 'dbug'] as const).map((name) => [name, 'debug'] as const),
  ...(['trace', 'trc'] as const).map((name) => [name, 'trace'] as const),
])

const NONE: LabelMap = {}

export function levelOf(name: string | undefined): Level {
  return name === undefined ? 'unknown' : (NAMES.get(name.toLowerCase()) ?? 'unknown')
}

/** The value of a name that may be anything, `__proto__` included. */
export function valueIn(map: LabelMap, name: string): string | undefined {
  return Object.hasOwn(map, name) ? map[name] : undefined
}

/** The value that a line has under a name: parsed before metadata before its stream's labels, as in queries. */
export function fieldOf({ parsed, metadata, labels }: Line, name: string): string | undefined {
  return valueIn(parsed, name) ?? valueIn(metadata, name) ?? valueIn(labels, name)
}

/** All lines of an answer in the order of time. */
export function linesOf(streams: readonly LogStream[], newestFirst: boolean): Line[] {
  const lines = streams.flatMap(({ stream, values }) =>
    values.map(([ns, text, extra]) => lineOf(ns, text, stream, extra)),
  )
  const sign = newestFirst ? -1 : 1
  return lines.sort((a, b) => sign * compareNs(a.ns, b.ns))
}

function lineOf(ns: string, text: string, labels: LabelMap, extra: EntryLabels | undefined): Line {
  const metadata = extra?.structuredMetadata ?? NONE
  const parsed = extra?.parsed ?? NONE
  const level = [
    valueIn(parsed, 'level'),
    valueIn(metadata, 'detected_level'),
    valueIn(labels, 'detected_level'),
    valueIn(labels, 'level'),
  ].find((name) => name !== undefined && name !== 'unknown')
  return { ns, ms: Number(ns.slice(0, -6)), text, labels, metadata, parsed, level: levelOf(level) }
}

function compareNs(a: string, b: string): number {
  return a.length - b.length || (a < b ? -1 : a > b ? 1 : 0)
}

/** Whether two lines are the same entry, as two pages of one answer may both hold it. */
export function sameLine(a: Line, b: Line): boolean {
  return a.ns === b.ns && a.text === b.text && sameMap(a.labels, b.labels) && sameMap(a.metadata, b.metadata)
}

function sameMap(a: LabelMap, b: LabelMap): boolean {
  if (a === b) return true
  const names = Object.keys(a)
  return names.length === Object.keys(b).length && names.every((name) => valueIn(b, name) === a[name])
}
