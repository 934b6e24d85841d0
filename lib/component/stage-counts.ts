/** What goes through each stage, counted by the one wrapper that `createStage` puts around all of them. */
import type { Metrics } from '../telemetry/metrics.ts'
import { Columns } from '../flow/columns.ts'
import type { Entry } from '../flow/entry.ts'
import type { Outcome } from '../flow/outcome.ts'
import type { Stage, StageRow } from './component.ts'

/** One run in this many is timed: two readings of the clock cost as much as a cheap stage takes for an entry. */
const TIMED_EVERY = 16

/** The counts of one stage. */
export class StageCounts {
  readonly stage: string;
  in = 0
  out = 0
  seconds = 0
  readonly #drops = new Map<Outcome, number>()

  constructor(stage: string) {
    this.stage = stage
  }

  drop(outcome: Outcome): void {
    this.#drops.set(outcome, (this.#drops.get(outcome) ?? 0) + 1)
  }

  row(): StageRow {
    const dropped: Record<string, number> = {}
    for (const [{ reason }, entries] of this.#drops) dropped[reason] = (dropped[reason] ?? 0) + entries
    return { stage: this.stage, in: this.in, out: this.out, dropped, seconds: this.seconds }
  }
}

/** `stage` with everything that goes in and out of it counted. */
export function countedStage(stage: Stage, counts: StageCounts): Stage {
  let untimed = TIMED_EVERY - 1
  /** Entries since the last timed run, for which that of the next one stands. */
  let waiting = 0
  const leave = (entries: Entry[]): Entry[] => {
    counts.out += entries.length
    return entries
  }
  const timed = <T>(taken: number, run: () => T): T => {
    counts.in += taken
    waiting += taken
    if (++untimed < TIMED_EVERY || taken === 0) return run()
    const start = performance.now()
    const result = run()
    counts.seconds += ((performance.now() - start) / 1000) * (waiting / taken)
    untimed = 0
    waiting = 0
    return result
  }
  const { kernel } = stage
  const counted: Stage = {
    run: (entries) => {
      const result = timed(entries.length, () => stage.run(entries))
      return result instanceof Promise ? result.then(leave) : leave(result)
    },
    kernel:
      kernel === undefined
        ? undefined
        : (columns) => {
            timed(columns.count, () => kernel(columns))
            counts.out += columns.count
          },
  }
  if (stage.runColumns !== undefined)
    counted.runColumns = (columns) => {
      const result = timed(columns.count, () => stage.runColumns!(columns))
      if (result instanceof Promise) return result.then(leave)
      counts.out += result instanceof Columns ? result.count : result.length
      return result
    }
  const later = (call: () => Entry[] | Promise<Entry[]>) => (): Entry[] | Promise<Entry[]> => {
    const result = call()
    return result instanceof Promise ? result.then(leave) : leave(result)
  }
  if (stage.flush !== undefined) counted.flush = later(() => stage.flush!())
  if (stage.tick !== undefined) counted.tick = later(() => stage.tick!())
  if (stage.dueAt !== undefined) counted.dueAt = () => stage.dueAt!()
  if (stage.close !== undefined) counted.close = () => stage.close!()
  return counted
}

/** Shows the counts of a component's stages as `logstream_stage_*`. */
export function exposeStages(rows: () => readonly StageRow[], metrics: Metrics): void {
  const perStage = (name: string, help: string, value: (row: StageRow) => number): void =>
    metrics.collect(`logstream_stage_${name}`, 'counter', help, () =>
      rows().map((row) => ({ labels: { stage: row.stage }, value: value(row) })),
    )
  perStage('entries_in_total', 'Entries that a stage took.', (row) => row.in)
  perStage('entries_out_total', 'Entries that a stage passed on.', (row) => row.out)
  perStage(
    'seconds_total',
    'Time in the code of a stage, its inner stages included; extrapolated from one batch in 16.',
    (row) => row.seconds,
  )
  metrics.collect('logstream_stage_dropped_total', 'counter', 'Entries that a stage ended, by reason.', () =>
    rows().flatMap(({ stage, dropped }) =>
      Object.entries(dropped).map(([reason, value]) => ({ labels: { stage, reason }, value })),
    ),
  )
}
