/**
 * THE interface: what a stage and a component declare, receive and return. Everything the product knows about a
 * component (decoding, docs, validation, the page) comes from its definition.
 */
import type { Duplex, Readable, Writable } from 'node:stream'
import type { Value } from '../alloy/value.ts'
import type { Batch } from '../flow/batch.ts'
import type { Clock } from '../flow/clock.ts'
import type { Columns } from '../flow/columns.ts'
import type { Ack } from '../flow/ack.ts'
import type { Entry } from '../flow/entry.ts'
import type { Fields, InputOf, Options, OptionsOf, StageSpec } from './fields.ts'
import type { Ledger } from '../flow/ledger.ts'
import type { Outcome } from '../flow/outcome.ts'
import type { StageTap } from '../flow/stage-tap.ts'
import type { Logger } from '../telemetry/log.ts'
import type { Metrics } from '../telemetry/metrics.ts'

export type Stability = 'generally-available' | 'public-preview' | 'experimental'

/** What every stage and component receives; nothing reads the environment or the disk on its own. */
export interface Context {
  /** `loki.process.prod`, with the module path in front where there is one. */
  readonly id: string
  /** Carries the component's id. */
  readonly log: Logger
  /** Already labelled with the component's id and path. */
  readonly metrics: Metrics
  /** The time, and timers; tests have one of their own. */
  readonly clock: Clock
  /** Counts what was read and what became of it. */
  readonly ledger: Ledger
  /** The component's own folder, created on first use; `undefined` where nothing may be written. */
  readonly dataDir: string | undefined
  /** Other configs may use the same folder, as pipes of one user do: what is in it need not be this component's. */
  readonly sharedStorage?: boolean
  /** Where its stages can be watched; left out outside a service. */
  readonly tap?: StageTap
  /** `false`: what waits to be delivered doesn't keep the process running; it's safe elsewhere. */
  readonly keepsRunning?: boolean
  /** Builds nested stages. Throws what the first bad one throws. */
  readonly stages: (specs: readonly StageSpec[]) => Stage
}

// ---- stages ----

/** What a stage is given. */
export interface StageContext extends Context {
  /** Ends what an entry owes and counts it as dropped here. A function of one entry returns the outcome instead. */
  readonly drop: (ack: Ack, outcome: Outcome) => void
}

/**
 * A stage's verdict on one entry: nothing (it passes), an outcome (it ends here), or the entries that replace it (each
 * carrying its share of the acknowledgement).
 */
export type Verdict = Outcome | Entry[] | undefined

/** Looks at one entry and may change it in place. Most stages are just this. */
export type EntryFn = (entry: Entry) => Verdict

/**
 * Does to all rows of some columns what the stage does to entries, and leaves out of `rows` those that it drops, settled.
 * What both share should be shared code: meaning never depends on which of them runs.
 */
export type Kernel = (columns: Columns) => void

/** A function of one entry and its kernel. */
export interface EntryStage {
  readonly each: EntryFn
  readonly kernel: Kernel
}

/** What went through one stage so far. A stage that holds entries back has taken more than it gave or dropped. */
export interface StageRow {
  /** Its place and name, with those of the stages around it: `2.match/1.json`. */
  readonly stage: string
  readonly in: number
  readonly out: number
  /** Entries by the reason they ended here. */
  readonly dropped: Readonly<Record<string, number>>
  /** Time in its code, with that of its inner stages; extrapolated from one batch in 16. */
  readonly seconds: number
}

/** A stage at work. It owns the entries it is given. */
export interface Stage {
  /** Returns the entries that pass, in order. A promise holds back everything that follows. */
  run(entries: Entry[]): Entry[] | Promise<Entry[]>
  /** As `run`, over columns; only for a stage that never holds entries back. Left out: rows become entries first. */
  readonly kernel?: Kernel
  /** As `run`, over columns, for what has a kernel only in part: the columns again, or entries. */
  runColumns?(columns: Columns): Columns | Entry[] | Promise<Entry[]>
  /** The input has ended: returns what was held. */
  flush?(): Entry[] | Promise<Entry[]>
  /** When, on the context's clock, `tick` wants to be called even without input. */
  dueAt?(): number | undefined
  /** Returns what is due by now. May be called while a promise of `run` is pending (a limit releases entries one by one). */
  tick?(): Entry[] | Promise<Entry[]>
  /** Releases what the stage holds (its metrics, open files). Nothing runs afterwards. */
  close?(): void
  /** What went through the stages that this one is made of, the first one first; set where stages are built. */
  rows?(): readonly StageRow[]
}

/** What the author of a stage writes, and `defineStage` takes. */
export interface StageDeclaration<F extends Fields> {
  /** As in a config, without `stage.`: `regex`. */
  readonly name: string
  /** One sentence for `logstream docs` and the reference. */
  readonly summary: string
  readonly fields: F
  readonly stability?: Stability
  /** Set for what Alloy does not have. */
  readonly extension?: boolean
  /** What `logstream explain` can show of it beyond the entry before and after. */
  readonly explain?: StageInsight<OptionsOf<F>>
  /** Throws `LogstreamError` (with `option`) for options that cannot work. */
  readonly create: (options: OptionsOf<F>, ctx: StageContext) => EntryFn | EntryStage | Stage
}

/** Where to look for the reasons of what a stage does. */
export interface StageInsight<O> {
  /** The pattern that must match for the stage to do something, and the extracted value it reads ("": the line). */
  readonly pattern?: (options: O) => { readonly expression: string; readonly source: string | undefined }
  /** The selector that picks entries, and the stages that those go through, if any. */
  readonly selection?: (options: O) => { readonly selector: string; readonly stages: readonly StageSpec[] }
  /** Whether the stage makes metrics of its own. */
  readonly metrics?: boolean
  /**
   * For stages that parse. Returns a function that is asked before the stage runs: `true` if it will read the entry, else
   * why not, in a few words; `undefined` if the value that it reads is missing.
   */
  readonly misfit?: (options: O) => (entry: Entry) => true | string | undefined
}

/** A declared stage as the rest of the product sees it: its functions take whatever was decoded with `fields`. */
export interface StageDefinition<F extends Fields = Fields> extends Omit<
  StageDeclaration<F>,
  'create' | 'explain'
> {
  readonly explain?: StageInsight<Options>
  readonly create: (options: Options, ctx: StageContext) => EntryFn | EntryStage | Stage
}

/** How a stage behaves as a Node stream of its own. */
export interface StreamOptions {
  /** Where it counts and logs; left out: a context of its own. */
  readonly context?: Context
  /** `false`: the readable side emits single entries instead of batches. */
  readonly batches?: boolean
}

/** A stage as the library shows it: call it for a Transform, or read its definition. */
export interface StageFactory<F extends Fields = Fields> {
  (options: InputOf<F>, stream?: StreamOptions): Duplex
  readonly definition: StageDefinition<F>
}

// ---- components ----

/** Where `forward_to` points: takes batches, and the promise (if there is one) is its backpressure. */
export interface Receiver {
  readonly id: string
  send(batch: Batch): Promise<void> | void
}

/** The type name of a receiver among the language's capsules. */
export const RECEIVER = 'loki.LogsReceiver'

/** The type name of a receiver of OpenTelemetry records: its entries carry a `record`. */
export const CONSUMER = 'otelcol.Consumer'

/** The exports that the run-time makes for components with an `input`, and their types. */
export const INPUT_EXPORTS: Readonly<Record<string, string>> = { receiver: RECEIVER, input: CONSUMER }

export type HealthState = 'healthy' | 'unhealthy' | 'exited' | 'unknown'

export interface Health {
  readonly state: HealthState
  readonly message: string
}

export interface ComponentContext extends Context {
  /** Publishes new exports; everything that refers to them is evaluated again. */
  readonly export: (exports: Exports) => void
  /** Where the module (or the config) that holds the component lies; relative paths do not depend on it. */
  readonly modulePath: string
  readonly stability: Stability
}

/** Exports by name. */
export type Exports = ReadonlyMap<string, Value>

/** A component at work: some of a Node stream it reads from, one it writes to, and exports. */
export interface Component<O = unknown> {
  /** Batches for `forward_to`, or for the `logs` of `output`. Ends after `stop()` when all that was read has been handed on. */
  readonly output?: Readable
  /** Takes the batches of the component's `receiver` or `input` export. Ends when nothing more comes. */
  readonly input?: Writable
  /** Exports other than those of `INPUT_EXPORTS`, as they are at the start. */
  readonly exports?: Exports
  /** Opens what it needs, after the graph is wired. Throws `LogstreamError` when it cannot work. */
  start?(): Promise<void> | void
  /** The end is near: from now on there are `deadlineMs` milliseconds for sending. Called before any `stop`. */
  drain?(deadlineMs: number): void
  /** A source stops reading and ends `output`; called before inputs are ended. */
  stop?(): Promise<void> | void
  /** Everything is over, in order or not: release listeners, files, metrics. */
  close?(): Promise<void> | void
  /** Takes changed options in place; `false` means: build me anew. `forward_to` is not its business. */
  update?(options: O): boolean
  /** How many entries it keeps on disk for the next start; asked when it has ended. */
  kept?(): number
  health?(): Health
  /** What the page and the support bundle show; must not hold secrets. */
  status?(): unknown
}

/** A warning about a decoded option. */
export interface Advice {
  /** The options that it is one of: the component's own, or those of a block in it. */
  readonly options: object
  readonly option: string
  readonly message: string
}

/** What the author of a component writes, and `defineComponent` takes. */
export interface ComponentDeclaration<F extends Fields, N extends string = string> {
  /** As in a config: `loki.source.file`. */
  readonly name: N
  readonly summary: string
  readonly fields: F
  readonly stability: Stability
  /** Export name to what it is; those of `INPUT_EXPORTS` are made by the run-time. */
  readonly exports: Readonly<Record<string, string>>
  /** Set for what Alloy does not have. */
  readonly extension?: boolean
  /**
   * Fetches the first exports of a component whose value is elsewhere, before anything that refers to them is built;
   * `create` receives them. Rejects with `LogstreamError` (with `option`), which refuses the config.
   */
  readonly prepare?: (options: OptionsOf<F>, ctx: ComponentContext) => Promise<Exports>
  /** Returns what of the options is allowed but hardly meant: a warning each. */
  readonly advise?: (options: OptionsOf<F>) => readonly Advice[]
  readonly create: (
    options: OptionsOf<F>,
    ctx: ComponentContext,
    prepared?: Exports,
  ) => Component<OptionsOf<F>>
}

/** A declared component as the rest of the product sees it: its functions take whatever was decoded with `fields`. */
export interface ComponentDefinition<F extends Fields = Fields> extends Omit<
  ComponentDeclaration<F>,
  'create' | 'prepare' | 'advise'
> {
  readonly advise?: (options: Options) => readonly Advice[]
  readonly prepare?: (options: Options, ctx: ComponentContext) => Promise<Exports>
  readonly create: (options: Options, ctx: ComponentContext, prepared?: Exports) => Component
}

/** Whether it takes entries and hands them on to no other component. */
export function isSink({ exports, fields }: Pick<ComponentDefinition, 'exports' | 'fields'>): boolean {
  return 'receiver' in exports && !('forward_to' in fields || 'output' in fields)
}

/** The one way to declare a component: checks the author's types, then lets go of them. */
export function defineComponent<const N extends string, F extends Fields>(
  declaration: ComponentDeclaration<F, N>,
): ComponentDefinition<F> & { readonly name: N } {
  // Options come from decoding with `fields`, which TypeScript cannot follow through a table of definitions.
  return declaration as ComponentDeclaration<F, N> & ComponentDefinition<F>
}
