/** Makes running stages: lifts functions of one entry to batches, joins stages, counts drops. */
import type { Context, EntryFn, Stage, StageDefinition, Verdict } from './component.ts'
import type { Ack } from '../flow/ack.ts'
import type { Entry } from '../flow/entry.ts'
import type { Options } from './fields.ts'
import { dropped, type Outcome } from '../flow/outcome.ts'
import { countedStage, StageCounts } from './stage-counts.ts'

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
  const made = definition.create(options, { ...ctx, drop })
  return countedStage(typeof made === 'function' ? liftEntryFn(made, counts) : made, counts)
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
  const composed: Stage = { run: (entries) => runFrom(stages, 0, entries), close }
  if (flush !== undefined) composed.flush = flush
  return composed
}

function runFrom(stages: readonly Stage[], from: number, entries: Entry[]): Entry[] | Promise<Entry[]> {
  let current = entries
  for (let i = from; i < stages.length && current.length > 0; i++) {
    const next = stages[i]!.run(current)
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
  const runAt = (at: number, entries: Entry[]): Entry[] | Promise<Entry[]> => {
    const before = busy[at]
    if (before !== undefined) return before.then(() => runAt(at, entries))
    const running = stages[at]!.run(entries)
    if (!(running instanceof Promise)) return running
    const free = (): void => {
      busy[at] = undefined
    }
    busy[at] = running.then(free, free)
    return running
  }
  const run = (from: number, entries: Entry[]): Entry[] | Promise<Entry[]> => {
    let current = entries
    for (let i = from; i < stages.length && current.length > 0; i++) {
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
  return { run: (entries) => run(0, entries), flush, close, dueAt: () => earliest(stages, open()), tick }
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
