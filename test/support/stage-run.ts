/** What tests of single stages need: a context with a clock of its own, entries that owe, and the account of them. */
import { AckTracker } from '../../lib/flow/ack-tracker.ts'
import type { Ack } from '../../lib/flow/ack.ts'
import type { Stage, StageContext, StageDefinition } from '../../lib/component/component.ts'
import { decodeInput } from '../../lib/component/decode.ts'
import { Entry } from '../../lib/flow/entry.ts'
import type { Fields, InputOf } from '../../lib/component/fields.ts'
import { labelSet } from '../../lib/flow/labels.ts'
import { Ledger } from '../../lib/flow/ledger.ts'
import { DELIVERED } from '../../lib/flow/outcome.ts'
import { buildStages } from '../../lib/registry.ts'
import { createStage } from '../../lib/component/stage.ts'
import { SILENT } from '../../lib/telemetry/log.ts'
import { Metrics } from '../../lib/telemetry/metrics.ts'
import { metricsText } from '../../lib/pipeline-test/metrics-text.ts'
import { StepClock } from './step-clock.ts'

/** A bench for one stage: what goes in is one source unit each, and must end exactly once. */
export class Bench {
  readonly clock = new StepClock()
  readonly ledger = new Ledger()
  readonly ctx: StageContext
  readonly #tracker: AckTracker<number>

  constructor() {
    const { clock, ledger } = this
    this.#tracker = new AckTracker<number>({ ledger, replayable: false, onAdvance: () => {} })
    const ctx: StageContext = {
      id: 'loki.process.test',
      log: SILENT,
      metrics: Metrics.create(),
      clock,
      ledger,
      dataDir: undefined,
      stages: (specs) => buildStages(specs, ctx),
      drop: (ack, outcome) => ack.settle(outcome),
    }
    this.ctx = ctx
  }

  stage<F extends Fields>(factory: { readonly definition: StageDefinition<F> }, input: InputOf<F>): Stage {
    const { name, fields } = factory.definition
    return createStage(factory.definition, decodeInput(`stage.${name}`, fields, input), this.ctx)
  }

  entry(line: string, labels: Readonly<Record<string, string>> = {}): Entry {
    return new Entry(1_767_323_045, 0, line, labelSet(labels), this.ack())
  }

  entries(...lines: string[]): Entry[] {
    return lines.map((line) => this.entry(line))
  }

  ack(): Ack {
    return this.#tracker.open(1, 1, 0)
  }

  /** Ends what came out, and says how all units ended: `{ delivered: 2, 'dropped drop_stage': 1 }`. */
  account(out: readonly Entry[]): Record<string, number> {
    for (const entry of out) entry.ack.settle(DELIVERED)
    const rows = this.ledger
      .rows()
      .map(({ state, reason, units }): [string, number] => [
        reason === '' ? state : `${state} ${reason}`,
        units,
      ])
    if (this.ledger.inFlight !== 0) rows.push(['in flight', this.ledger.inFlight])
    return Object.fromEntries(rows.sort(([a], [b]) => (a < b ? -1 : 1)))
  }

  metrics(): string {
    return metricsText(this.ctx.metrics.snapshot())
  }
}

export function linesOf(entries: readonly Entry[]): string[] {
  return entries.map(({ line }) => line)
}

/** The code and option of what a function throws, as `BAD_REGEX expression`. */
export function refusal(build: () => unknown): string {
  try {
    build()
  } catch (error) {
    const { code, option } = error as { code?: string; option?: string }
    return `${code} ${option ?? ''}`.trim()
  }
  return 'built'
}
