/** What a check has found, as data, and the problems in it. */
import { entriesUntil, type Growth } from './growth.ts'
import type { Misfit, MisfitWatch } from './misfits.ts'
import type { Refused } from './refusals.ts'
import type { Sample } from './sample.ts'
import type { FoundSource } from './stand-ins.ts'
import type { LabelFigures, Streams } from './streams.ts'

export interface CheckReport {
  readonly sample: { readonly lines: number; readonly bytes: number }
  readonly source: {
    readonly id: string
    readonly labels: Readonly<Record<string, string>>
    readonly targets: number
  }
  readonly parsing: {
    /** Lines that a parsing stage looked at, and those of them that none could read. */
    readonly lines: number
    readonly unread: number
    readonly misfits: readonly Misfit[]
  }
  readonly dropped: readonly StageDrop[]
  readonly sinks: readonly SinkReport[]
  /** What to mend before the config is deployed; empty: nothing. */
  readonly problems: readonly string[]
}

/** Entries that a stage dropped for one reason. */
export interface StageDrop {
  readonly stage: string
  /** `file:line` */
  readonly place: string
  readonly reason: string
  readonly entries: number
  /** The first line that was dropped for that reason. */
  readonly line?: number
}

export interface SinkReport {
  readonly id: string
  readonly entries: number
  readonly bytes: number
  /** `undefined` when the entries carry no times of their own. */
  readonly time: SampleTime | undefined
  readonly streams: Growth & { readonly fullAfterSeconds?: number }
  readonly labels: readonly LabelFigures[]
  readonly refused: readonly Refused[]
}

/** The time that the sample spans, and what a day of it comes to. */
export interface SampleTime {
  /** RFC 3339. */
  readonly oldest: string
  readonly newest: string
  readonly seconds: number
  readonly entriesPerDay: number
  readonly bytesPerDay: number
}

export interface Findings {
  readonly sample: Sample
  readonly source: FoundSource
  readonly misfits: MisfitWatch
  readonly drops: readonly StageDrop[]
  readonly sinks: ReadonlyMap<string, Streams>
}

const DAY = 86_400

export function reportOf({ sample, source, misfits, drops, sinks }: Findings): CheckReport {
  const sinkReports = [...sinks].map(([id, streams]) => sinkReport(id, streams))
  return {
    sample: { lines: sample.lines, bytes: sample.bytes },
    source: { id: source.id, labels: source.labels.toObject(), targets: source.targets },
    parsing: { lines: misfits.met, unread: misfits.unread, misfits: misfits.misfits() },
    dropped: drops.map((drop) => ({ ...drop, line: sample.dropped.get(drop.reason)?.first })),
    sinks: sinkReports,
    problems: [...new Set(sinkReports.flatMap(problemsOf))],
  }
}

function sinkReport(id: string, streams: Streams): SinkReport {
  const refused = streams.refusals.finish()
  const time = timeOf(streams)
  const growth = streams.streams()
  const limit = streams.maxStreams
  const left =
    growth.grows && limit > growth.distinct && time !== undefined
      ? { fullAfterSeconds: (entriesUntil(limit, growth, streams.entries) / streams.entries) * time.seconds }
      : {}
  return {
    ...{ id, time, refused },
    entries: streams.entries,
    bytes: streams.bytes,
    streams: { ...growth, ...left },
    labels: streams.labels(),
  }
}

function timeOf({ entries, bytes, refusals: { oldest, newest } }: Streams): SampleTime | undefined {
  const seconds = (newest - oldest) / 1000
  if (!(seconds > 0)) return undefined
  return {
    oldest: new Date(oldest).toISOString(),
    newest: new Date(newest).toISOString(),
    seconds,
    entriesPerDay: Math.round((entries / seconds) * DAY),
    bytesPerDay: Math.round((bytes / seconds) * DAY),
  }
}

function problemsOf({ labels, refused }: SinkReport): string[] {
  return [
    ...labels
      .filter(({ grows }) => grows)
      .map(
        ({ name, distinct, late }) =>
          `label ${name} explodes: ${count(distinct)} values, ${count(late)} of them first seen in the second half of the sample, and each makes a new stream: take it out of the labels, and keep it with stage.structured_metadata { values = { ${name} = "" } }`,
      ),
    ...refused.map(
      ({ reason, entries, line, message, retried }) =>
        `${count(entries)} ${entries === 1 ? 'entry' : 'entries'} ${retried ? 'would wait' : 'would be refused'}: ${reason}, first at line ${line}: ${message}`,
    ),
  ]
}

function count(value: number): string {
  return value.toLocaleString('en-US')
}
