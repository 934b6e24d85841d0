/**
 * `logging { write_to }`: the program's own log lines as entries. Nothing ever waits for a receiver. Lines about the
 * components that they would pass through aren't sent, or each would cause the next one for ever.
 */
import { Batch } from '../../flow/batch.ts'
import { Stamps, systemClock, type Clock } from '../../flow/clock.ts'
import type { Receiver } from '../../component/component.ts'
import { Entry } from '../../flow/entry.ts'
import { labelSet } from '../../flow/labels.ts'
import type { LogFields } from '../../telemetry/log.ts'
import type { Counter, Metrics } from '../../telemetry/metrics.ts'

/** Dashboards look for this label, so it is Alloy's. */
const LABELS = labelSet({ component: 'alloy' })

/** More lines than this in one turn of the event loop are lost. */
const MOST_WAITING = 1000

interface Waiting {
  readonly line: string
  /** The full id of the component that said it, if one did. */
  readonly from: string | undefined
}

export interface OwnLinesOptions {
  readonly metrics: Metrics
  /** By full id: the components that each one forwards to. */
  readonly edges: () => ReadonlyMap<string, readonly string[]>
  readonly clock?: Clock
}

export class OwnLines {
  readonly #edges: OwnLinesOptions['edges']
  readonly #stamps: Stamps
  readonly #lost: Counter
  readonly #full = new Set<Receiver>()
  #receivers: readonly Receiver[] = []
  #waiting: Waiting[] = []
  #sending = false

  constructor({ metrics, edges, clock = systemClock }: OwnLinesOptions) {
    this.#edges = edges
    this.#stamps = new Stamps(clock)
    this.#lost = metrics.counter(
      'logstream_own_log_lines_lost_total',
      'Own log lines dropped because a receiver of logging.write_to was busy.',
    )
  }

  /** Where lines go from now on. */
  set receivers(receivers: readonly Receiver[]) {
    this.#receivers = receivers
  }

  /** Takes a line that was written; the rest happens later. */
  add(line: string, fields: LogFields): void {
    if (this.#receivers.length === 0 || this.#sending) return
    if (this.#waiting.length >= MOST_WAITING) return void this.#lost.value++
    if (this.#waiting.push({ line, from: speaker(fields) }) === 1) setImmediate(() => this.#send())
  }

  #send(): void {
    const waiting = this.#waiting
    this.#waiting = []
    const onTheWay = this.#reached()
    const lines = waiting
      .filter(({ from }) => from === undefined || !onTheWay.has(from))
      .map(({ line }) => line)
    if (lines.length === 0) return
    this.#sending = true
    for (const receiver of this.#receivers) this.#sendTo(receiver, lines)
    this.#sending = false
  }

  #sendTo(receiver: Receiver, lines: readonly string[]): void {
    if (this.#full.has(receiver)) {
      this.#lost.value += lines.length
      return
    }
    this.#stamps.refresh()
    const room = receiver.send(new Batch(lines.map((line) => this.#entry(line))))
    if (room === undefined) return
    this.#full.add(receiver)
    const free = (): void => void this.#full.delete(receiver)
    room.then(free, free)
  }

  #entry(line: string): Entry {
    return Entry.now(this.#stamps, line, LABELS)
  }

  // Every component that the lines pass through.
  #reached(): ReadonlySet<string> {
    const edges = this.#edges()
    const reached = new Set<string>()
    const open = this.#receivers.map(({ id }) => id)
    for (let id = open.pop(); id !== undefined; id = open.pop()) {
      if (reached.has(id)) continue
      reached.add(id)
      open.push(...(edges.get(id) ?? []))
    }
    return reached
  }
}

/** The full id of the component that said a line; `undefined` for what the program says itself. */
export function speaker(fields: LogFields): string | undefined {
  const { component, component_id: id, component_path: path } = fields
  if (typeof component === 'string') return component
  if (typeof id !== 'string') return undefined
  return typeof path === 'string' && path !== '/' ? `${path.slice(1)}/${id}` : id
}
