/** Makes running stages: lifts functions of one entry to batches, joins stages, counts drops. */
import type { Context, EntryFn, EntryStage, Stage, StageDefinition, Verdict } from './component.ts'
import type { Ack } from '../flow/ack.ts'
import { entriesOf } from '../flow/batch.ts'
import { Columns } from '../flow/columns.ts'
import type { Entry } from '../flow/entry.ts'
import type { Options } from './fields.ts'
import { dropped, type Outcome } from '../flow/outcome.ts'
import { countedStage, StageCounts } from './stage-counts.ts'
import { tapped } from './tapped.ts'

/** A stage from its definition and complete options. `counts` learns of everything that goes through it. */
export function createStage(
  definition: StageDefinition,
  options: Options,
  ctx: Context,
  counts: StageCounts = new StageCounts(definition.name),
): Stage {
  const drop = (ack: Ack, outcome: Outcome): void => {
    ack.settle(outcome)
    counts.drop(outcome)
  }
  const made = stageOf(definition.create(options, { ...ctx, drop }), counts)
  return tapped(counts.stage, countedStage(made, counts), ctx.tap)
}

function stageOf(made: EntryFn | EntryStage | Stage, counts: StageCounts): Stage {
  if (typeof made === 'function') return liftEntryFn(made, counts)
  return 'each' in made ? { ...liftEntryFn(made.each, counts), kernel: made.kernel } : made
}

/** A function of one entry as a stage; this loop settles its drops. */
export function liftEntryFn(fn: EntryFn, counts?: StageCounts): Stage {
  return {
    run: (entries) => {
      let kept = 0
      for (let i = 0; i < entries.length; i++) {
        const entry = entries[i]!
        const verdict = fn(entry)
        if (verdict === undefined) entries[kept++] = entry
        else if (Array.isArray(verdict)) return withMany(fn, counts, entries, kept, i, verdict)
        else end(entry, verdict, counts)
      }
      entries.length = kept
      return entries
    },
  }
}

function end(entry: Entry, outcome: Outcome, counts: StageCounts | undefined): void {
  entry.ack.settle(outcome)
  counts?.drop(outcome)
}

// The rest of a batch in which one entry became several: only then is a second array worth its cost.
function withMany(
  fn: EntryFn,
  counts: StageCounts | undefined,
  entries: Entry[],
  kept: number,
  at: number,
  first: Entry[],
): Entry[] {
  const out = entries.slice(0, kept)
  for (const entry of first) out.push(entry)
  for (let i = at + 1; i < entries.length; i++) {
    const entry = entries[i]!
    const verdict: Verdict = fn(entry)
    if (verdict === undefined) out.push(entry)
    else if (Array.isArray(verdict)) for (const part of verdict) out.push(part)
    else end(entry, verdict, counts)
  }
  return out
}

/** Entries, or the rows of columns, which are entries too. */
export type Rows = Entry[] | Columns

/** Runs a stage over columns as far as it can, over entries otherwise. */
export function runStage(stage: Stage, rows: Rows): Rows | Promise<Entry[]> {
  if (!(rows instanceof Columns)) return stage.run(rows)
  if (stage.kernel === undefined) return stage.runColumns?.(rows) ?? stage.run(entriesOf(rows))
  stage.kernel(rows)
  return rows
}

/** How many entries there are. */
export function countOf(rows: Rows): number {
  return rows instanceof Columns ? rows.count : rows.length
}

/** Stages in sequence, as one. */
export function composeStages(stages: readonly Stage[]): Stage {
  if (stages.length === 1) return stages[0]!
  const close = (): void => {
    for (const stage of stages) stage.close?.()
  }
  const flush = stages.some((stage) => stage.flush !== undefined)
    ? (): Promise<Entry[]> => flushFrom(stages, 0, [])
    : undefined
  if (stages.some((stage) => stage.tick !== undefined)) return timedChain(stages, flush, close)
  const composed: Stage = { run: (entries) => runFrom(stages, 0, entries), close, ...columnar(stages) }
  if (flush !== undefined) composed.flush = flush
  return composed
}

function columnar(stages: readonly Stage[]): Pick<Stage, 'kernel' | 'runColumns'> {
  const kernels = stages.map(({ kernel }) => kernel).filter((kernel) => kernel !== undefined)
  if (kernels.length < stages.length) return { runColumns: (columns) => runFrom(stages, 0, columns) }
  return {
    kernel: (columns) => {
      for (let i = 0; i < kernels.length && columns.count > 0; i++) kernels[i]!(columns)
    },
  }
}

function runFrom(stages: readonly Stage[], from: number, rows: Entry[]): Entry[] | Promise<Entry[]>
function runFrom(stages: readonly Stage[], from: number, rows: Rows): Rows | Promise<Entry[]>
function runFrom(stages: readonly Stage[], from: number, rows: Rows): Rows | Promise<Entry[]> {
  let current = rows
  for (let i = from; i < stages.length && countOf(current) > 0; i++) {
    const next = runStage(stages[i]!, current)
    if (next instanceof Promise) return next.then((done) => runFrom(stages, i + 1, done))
    current = next
  }
  return current
}

/**
 * As `runFrom`, with ticks: what a stage emits by itself may not enter one that still holds back a batch, so
 * it waits, and until then only that stage and those after it tick.
 */
function timedChain(stages: readonly Stage[], flush: Stage['flush'], close: () => void): Stage {
  const busy: (Promise<unknown> | undefined)[] = stages.map(() => undefined)
  const open = (): number =>
    Math.max(
      0,
      busy.findLastIndex((each) => each !== undefined),
    )
  const runAt = (at: number, rows: Rows): Rows | Promise<Entry[]> => {
    const before = busy[at]
    if (before !== undefined) {
      const entries = rows instanceof Columns ? entriesOf(rows) : rows
      return before.then(() => runAt(at, entries) as Entry[] | Promise<Entry[]>)
    }
    const running = runStage(stages[at]!, rows)
    if (!(running instanceof Promise)) return running
    const free = (): void => {
      busy[at] = undefined
    }
    busy[at] = running.then(free, free)
    return running
  }
  function run(from: number, rows: Entry[]): Entry[] | Promise<Entry[]>
  function run(from: number, rows: Rows): Rows | Promise<Entry[]>
  function run(from: number, rows: Rows): Rows | Promise<Entry[]> {
    let current = rows
    for (let i = from; i < stages.length && countOf(current) > 0; i++) {
      const next = runAt(i, current)
      if (next instanceof Promise) return next.then((done) => run(i + 1, done))
      current = next
    }
    return current
  }
  const tick = async (): Promise<Entry[]> => {
    const out: Entry[] = []
    // What later stages hold came in earlier.
    for (let i = stages.length - 1; i >= open(); i--) {
      const due = await stages[i]!.tick?.()
      if (due !== undefined && due.length > 0) for (const entry of await run(i + 1, due)) out.push(entry)
    }
    return out
  }
  return {
    run: (entries) => run(0, entries),
    runColumns: (columns) => run(0, columns),
    flush,
    close,
    dueAt: () => earliest(stages, open()),
    tick,
  }
}

async function flushFrom(stages: readonly Stage[], from: number, carried: Entry[]): Promise<Entry[]> {
  let current = carried
  for (const stage of stages.slice(from)) {
    if (current.length > 0) current = await stage.run(current)
    if (stage.flush !== undefined) current = [...current, ...(await stage.flush())]
  }
  return current
}

function earliest(stages: readonly Stage[], from: number): number | undefined {
  let first: number | undefined
  for (let i = from; i < stages.length; i++) {
    const due = stages[i]!.dueAt?.()
    if (due !== undefined && (first === undefined || due < first)) first = due
  }
  return first
}

/** Returns a function that counts a drop under `reason`, where Alloy's dashboards look, and returns its outcome. */
export function dropCounter(ctx: Context, reason: string): () => Outcome {
  const dropsByReason = ctx.metrics.counters(
    'loki_process_dropped_lines_total',
    'A count of all log lines dropped as a result of a pipeline stage',
    'reason',
  )
  const outcome = dropped(reason)
  return () => {
    dropsByReason.add(reason)
    return outcome
  }
}
