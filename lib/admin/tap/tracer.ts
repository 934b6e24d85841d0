/** Records what the running stages of a component do to selected entries. */
import type { StageWatcher } from '../../flow/stage-tap.ts'
import { cutChange, type Step } from '../../explain/step.ts'
import type { Ack } from '../../flow/ack.ts'
import type { Batch } from '../../flow/batch.ts'
import type { Entry } from '../../flow/entry.ts'
import type { Outcome } from '../../flow/outcome.ts'
import { changesBetween, snapshot, type Snapshot } from '../../flow/snapshot.ts'
import type { EntryShown, Trace } from './messages.ts'
import { shownEntry } from './shown.ts'

/** Entries followed at the same time. Beyond that the oldest are dropped: a stage may hold some for hours. */
const MOST = 500

interface Followed {
  readonly number: number
  readonly entry: EntryShown
  readonly steps: Step[]
}

/** An entry inside a stage. */
interface Passing {
  readonly entry: Entry
  readonly followed: Followed
  readonly before: Snapshot
  /** Index of this stage's step in `followed.steps`. */
  readonly at: number
  readonly watch: WatchedAck
}

const NOTHING = (): void => {}

export class Tracer implements StageWatcher {
  readonly #emit: (trace: Trace) => void
  readonly #followed = new Map<Entry, Followed>()
  #last = 0

  constructor(emit: (trace: Trace) => void) {
    this.#emit = emit
  }

  /** Follows an entry that is about to go into the component. */
  follow(entry: Entry): void {
    if (this.#followed.size >= MOST)
      for (const oldest of this.#followed.keys()) {
        this.#followed.delete(oldest)
        break
      }
    this.#followed.set(entry, { number: ++this.#last, entry: shownEntry(entry), steps: [] })
  }

  /** Entries that leave the component. */
  out(batch: Batch): void {
    if (this.#followed.size === 0) return
    for (const entry of batch.peek()) this.#end(entry, 'passed')
  }

  enter(stage: string, entries: readonly Entry[]): (passed: readonly Entry[]) => void {
    if (this.#followed.size === 0) return NOTHING
    const passing = entries.flatMap((entry) => {
      const followed = this.#followed.get(entry)
      return followed === undefined ? [] : [enterStage(stage, entry, followed)]
    })
    if (passing.length === 0) return NOTHING
    return (passed) => {
      for (const each of passing) this.#leave(each, stage, passed)
    }
  }

  #leave(each: Passing, stage: string, passed: readonly Entry[]): void {
    const { entry, followed, before, at, watch } = each
    const step = followed.steps[at]!
    const { outcome } = watch
    const parts = partsOf(entry, watch, passed)
    watch.release(entry)
    // The steps inside a match show what it did.
    const nested = followed.steps.length > at + 1
    if (passed.includes(entry))
      followed.steps[at] = {
        ...step,
        outcome: 'passed',
        parts,
        changes: nested ? [] : changesBetween(before, snapshot(entry)).map(cutChange),
      }
    else if (outcome !== undefined)
      followed.steps[at] = { ...step, outcome: 'dropped', reason: outcome.reason }
    // The stages around this one complete their steps first.
    if (stage.includes('/') || followed.steps[at]!.outcome === 'passed') return
    this.#end(entry, outcome === undefined ? 'held' : 'dropped')
  }

  #end(entry: Entry, end: Trace['end']): void {
    const followed = this.#followed.get(entry)
    if (followed === undefined) return
    // A held entry may still come out.
    if (end !== 'held') this.#followed.delete(entry)
    this.#emit({ kind: 'trace', end, ...followed, steps: [...followed.steps] })
  }
}

function enterStage(stage: string, entry: Entry, followed: Followed): Passing {
  const before = snapshot(entry)
  const at = followed.steps.push({ stage, outcome: 'held', changes: [] }) - 1
  return { entry, followed, before, at, watch: new WatchedAck(entry) }
}

// The parts of a split share a new acknowledgement.
function partsOf(entry: Entry, watch: WatchedAck, passed: readonly Entry[]): number | undefined {
  if (entry.ack === watch) return undefined
  const parts = passed.reduce((sum, { ack }) => (ack === entry.ack ? sum + 1 : sum), 0)
  return parts > 1 ? parts : undefined
}

/** Wraps an entry's acknowledgement while it is in a stage, to see whether the stage ends it. */
class WatchedAck implements Ack {
  readonly replayable: boolean
  readonly #ack: Ack
  outcome: Outcome | undefined

  constructor(entry: Entry) {
    this.#ack = entry.ack
    this.replayable = entry.ack.replayable
    entry.ack = this
  }

  settle(outcome: Outcome): void {
    this.outcome = outcome
    this.#ack.settle(outcome)
  }

  /** Unwraps the entry's acknowledgement, unless the stage has replaced it. */
  release(entry: Entry): void {
    if (entry.ack === this) entry.ack = this.#ack
  }
}
