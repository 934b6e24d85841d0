/**
 * Runs what a config asks for: the first load, reloads and changed exports (all through a plan), and the end in
 * order, sources first. It has no HTTP and no command line in it.
 */
import { join } from 'node:path'
import { isDeepStrictEqual } from 'node:util'
import { placeOf, type Diagnostic } from '../../alloy/diagnostic.ts'
import { parseFile } from '../../alloy/parser.ts'
import type { Value } from '../../alloy/value.ts'
import { systemClock, type Clock, type Timer } from '../../flow/clock.ts'
import type { ComponentContext, ComponentDefinition, Stability } from '../../component/component.ts'
import type { WatchSettings } from '../../disk/watch-file.ts'
import type { Entry } from '../../flow/entry.ts'
import { LogstreamError, messageOf } from '../../errors.ts'
import { Ledger } from '../../flow/ledger.ts'
import { buildStages, components, stageFields } from '../../registry.ts'
import type { Logger } from '../../telemetry/log.ts'
import { Metrics } from '../../telemetry/metrics.ts'
import { detailsOf, infoOf, type ComponentDetails, type ComponentInfo } from './component-info.ts'
import { joinTexts, type ConfigText } from '../modules/config-text.ts'
import { Fetcher } from '../plan/fetcher.ts'
import { FileWatches } from '../modules/file-watches.ts'
import { Gate } from './gate.ts'
import type { ModuleFiles } from '../modules/imports.ts'
import { registerLedgerMetrics } from './ledger-metrics.ts'
import { LiveComponent } from './live.ts'
import { discard, release, type Plan, type PlanEnv, type PlannedComponent } from '../plan/plan-data.ts'
import { planConfig } from '../plan/plan.ts'

/** A reload waits so long for what it replaces, as long as Alloy's loki.write drains. */
const RELOAD_DEADLINE_MS = 15_000

/** A service must be gone within 5 s of SIGTERM; the rest of that is for closing files. */
const STOP_DEADLINE_MS = 4000

/** How deep modules on other machines may be nested: each level is known only when the one above it is there. */
const MAX_TRIES = 32

export interface SupervisorOptions {
  /** Reads the config afresh: at the start and at every reload. Throws what makes that impossible. */
  readonly config: () => readonly ConfigText[]
  readonly files: ModuleFiles
  readonly log: Logger
  readonly metrics: Metrics
  readonly stability: Stability
  /** What the expressions of the config see beside their components. */
  readonly stdlib: ReadonlyMap<string, Value>
  /** Folder of all components' own folders; `undefined`: nothing is written. */
  readonly storagePath: string | undefined
  readonly clock?: Clock
  /** Settings blocks (`logging`, `http`) of every plan that is taken. */
  readonly onSettings?: (settings: Plan['settings']) => void
  /** Definitions that stand in for those of the same name: pipe mode has its own file source, the demo its own sink. */
  readonly substitutes?: readonly ComponentDefinition[]
}

export class Supervisor {
  readonly ledger = new Ledger()
  readonly #options: SupervisorOptions
  readonly #clock: Clock
  readonly #components: ReadonlyMap<string, ComponentDefinition>
  readonly #gates = new Map<string, Gate>()
  readonly #exported = new Map<string, ReadonlyMap<string, Value>>()
  #live: LiveComponent[] = []
  #texts: readonly ConfigText[] = []
  #settings: Plan['settings'] = new Map()
  #watched: readonly WatchSettings[] = []
  readonly #watches: FileWatches
  readonly #fetcher: Fetcher
  #changing: Promise<unknown> = Promise.resolve()
  #replanDue: Timer | undefined
  #stopped = false
  #kept = 0
  #giveUp: () => void = () => {}
  readonly #givenUp = new Promise<void>((resolve) => {
    this.#giveUp = resolve
  })

  constructor(options: SupervisorOptions) {
    this.#options = options
    this.#clock = options.clock ?? systemClock
    this.#components = new Map([
      ...components,
      ...(options.substitutes ?? []).map((each) => [each.name, each] as const),
    ])
    const onChange = (): void => this.#replanSoon()
    this.#watches = new FileWatches(this.#clock, onChange)
    const { log, storagePath } = options
    this.#fetcher = new Fetcher({ clock: this.#clock, log, storagePath, onChange })
    registerLedgerMetrics(options.metrics, this.ledger)
  }

  /** Entries that components which have ended keep on disk for the next start. */
  get kept(): number {
    return this.#kept
  }

  get settings(): Plan['settings'] {
    return this.#settings
  }

  /** Files and folders that imports were read from. */
  get watched(): readonly string[] {
    return this.#watched.map(({ path }) => path)
  }

  components(): ComponentInfo[] {
    return this.#live.map(infoOf)
  }

  details(): ComponentDetails[] {
    return this.#live.map((live) => detailsOf(live, this.#exported.get(live.fullId)))
  }

  /** The texts of the config that runs. */
  get texts(): readonly ConfigText[] {
    return this.#texts
  }

  /**
   * What is wrong with the config, without running anything of it; remote modules are fetched, since they are part of
   * it. For a supervisor that runs nothing yet. With `alloyOnly` extensions are mistakes too.
   */
  async check({ alloyOnly = false }: { alloyOnly?: boolean } = {}): Promise<readonly Diagnostic[]> {
    const plan = await this.#planWhole(this.#options.config(), alloyOnly)
    await discard(plan)
    await this.#fetcher.close()
    return plan.diagnostics
  }

  /** Loads and starts the config; gives its diagnostics, and starts nothing when one of them is an error. */
  async load(): Promise<readonly Diagnostic[]> {
    return await this.#exclusive(() => this.#change(this.#options.config()))
  }

  /** Loads the config again. With any error the running graph stays as it is. */
  async reload(): Promise<readonly Diagnostic[]> {
    return await this.load()
  }

  /** Resolves when every source has ended by itself: for pipes and other one-shot runs. */
  async sourcesEnded(): Promise<void> {
    await Promise.all(
      this.#live
        .filter(({ input, component }) => input === undefined && component.output !== undefined)
        .map((live) => live.outputEnded()),
    )
  }

  /** Shows what goes into the component `fullId` to `watcher`; the result takes that back. */
  watch(fullId: string, watcher: (entries: readonly Entry[]) => void): () => void {
    return this.#gate(fullId).watch(watcher)
  }

  /**
   * Ends in order, sources first: each component hands on what it holds before the next one ends. It takes as long
   * as that takes, unless `hurry` is called, before or meanwhile.
   */
  async stop(): Promise<void> {
    await this.#exclusive(async () => {
      this.#stopped = true
      this.#replanDue?.cancel()
      this.#watches.set([])
      await this.#fetcher.close()
      await this.#endAll(this.#live, this.#givenUp)
      this.#live = []
    })
  }

  /** A stop must be over soon: sinks send for half of `deadlineMs` at most, what has not ended after it is closed as it is. */
  hurry(deadlineMs = STOP_DEADLINE_MS): void {
    // A sink that fails must take what waits for it before a source can end.
    for (const { component } of this.#live) component.drain?.(deadlineMs / 2)
    this.#clock.after(deadlineMs, () => this.#giveUp())
  }

  #exclusive<T>(work: () => Promise<T>): Promise<T> {
    const next = this.#changing.then(work, work)
    this.#changing = next.catch(() => undefined)
    return next
  }

  // What is on other machines is fetched between tries, until nothing more is missing.
  async #planWhole(texts: readonly ConfigText[], alloyOnly = false): Promise<Plan> {
    for (let tries = 0; tries < MAX_TRIES; tries++) {
      this.#fetcher.begin(tries === 0)
      const plan = this.#plan(texts, alloyOnly)
      const fetched = await Promise.race([this.#fetcher.fetch(), this.#givenUp])
      if (fetched === false) return plan
      await discard(plan)
      if (fetched === undefined) throw new LogstreamError('IO', 'stopped before all modules were fetched')
    }
    throw new LogstreamError(
      'BAD_CONFIG',
      `remote modules are nested deeper than ${MAX_TRIES}: does one of them import others without end?`,
    )
  }

  #plan(texts: readonly ConfigText[], alloyOnly: boolean): Plan {
    const diagnostics = texts.flatMap(({ source }) => parseFile(source).diagnostics)
    const [first] = texts
    if (diagnostics.length > 0 || first === undefined)
      return { components: [], settings: new Map(), files: [], diagnostics }
    const joined = joinTexts(texts)
    const statements = parseFile(joined.source).file.body
    const body = { statements, source: joined.source, modulePath: first.modulePath, place: 'root' as const }
    const plan = planConfig(body, this.#planEnv(alloyOnly))
    return { ...plan, diagnostics: plan.diagnostics.map(joined.inItsFile) }
  }

  #planEnv(alloyOnly: boolean): PlanEnv {
    const { files, stability } = this.#options
    const live = new Map(this.#live.map((each) => [each.fullId, each]))
    return {
      components: this.#components,
      stageFields,
      stability,
      files,
      fetches: this.#fetcher,
      alloyOnly,
      stdlib: this.#options.stdlib,
      receiver: (fullId) => this.#gate(fullId),
      running: (fullId) => {
        const found = live.get(fullId)
        if (found === undefined) return undefined
        const { definition, options, component, metrics } = found
        return {
          definition,
          options,
          component,
          metrics,
          exports: this.#exported.get(fullId) ?? found.exports,
        }
      },
      context: (fullId, id, componentPath, modulePath, quiet = false) =>
        this.#context(fullId, id, componentPath, modulePath, quiet),
      same: (a, b) => isDeepStrictEqual({ ...a, forward_to: null }, { ...b, forward_to: null }),
    }
  }

  #gate(fullId: string): Gate {
    let gate = this.#gates.get(fullId)
    if (gate === undefined) this.#gates.set(fullId, (gate = new Gate(fullId)))
    return gate
  }

  #context(
    fullId: string,
    id: string,
    componentPath: string,
    modulePath: string,
    quiet: boolean,
  ): ComponentContext {
    const { log, storagePath, stability } = this.#options
    const metrics = quiet ? Metrics.create() : this.#options.metrics
    const ctx: ComponentContext = {
      id: fullId,
      log: log.with({ component_path: componentPath, component_id: id }),
      metrics: metrics.with({ component_path: componentPath, component_id: id }),
      clock: this.#clock,
      ledger: this.ledger,
      dataDir: storagePath === undefined ? undefined : join(storagePath, fullId),
      modulePath,
      stability,
      stages: (specs) => buildStages(specs, ctx),
      export: (exports) => this.#exportsChanged(fullId, exports),
    }
    return ctx
  }

  #exportsChanged(fullId: string, exports: ReadonlyMap<string, Value>): void {
    this.#exported.set(fullId, exports)
    this.#replanSoon()
  }

  // With the texts that run already: a config that is being edited is taken by a reload only.
  #replanSoon(): void {
    if (this.#stopped || this.#replanDue !== undefined) return
    this.#replanDue = this.#clock.after(0, () => {
      this.#replanDue = undefined
      const { log } = this.#options
      this.#exclusive(async () => (this.#stopped ? [] : await this.#change(this.#texts))).then(
        (diagnostics) => {
          for (const found of diagnostics)
            if (found.severity === 'error')
              log.error('a change was not taken over', { error: `${placeOf(found)}: ${found.message}` })
        },
        (error: unknown) => log.error('a change could not be taken over', { error: messageOf(error) }),
      )
    })
  }

  async #change(texts: readonly ConfigText[]): Promise<readonly Diagnostic[]> {
    const plan = await this.#planWhole(texts)
    if (plan.diagnostics.some(({ severity }) => severity === 'error')) {
      await discard(plan)
      return plan.diagnostics
    }
    this.#texts = texts
    this.#settings = plan.settings
    this.#watched = plan.files
    this.#options.onSettings?.(plan.settings)
    await this.#fetcher.keep()
    this.#watches.set(plan.files)
    await this.#commit(plan)
    return plan.diagnostics
  }

  async #commit(plan: Plan): Promise<void> {
    const wanted = plan.components
    const old = new Map(this.#live.map((live) => [live.fullId, live]))
    const next: LiveComponent[] = []
    const starting: LiveComponent[] = []
    const ending: LiveComponent[] = this.#live.filter(
      ({ fullId }) => !wanted.some((each) => each.fullId === fullId),
    )
    for (const planned of wanted) {
      const before = old.get(planned.fullId)
      const kept = before === undefined ? undefined : await this.#keep(before, planned)
      if (kept !== undefined) next.push(kept)
      else {
        const live = new LiveComponent({ ...planned, log: this.#options.log })
        if (before !== undefined) {
          ending.push(before)
          // Others were planned with what the old one exports, in the hope that it could go on.
          if (!isDeepStrictEqual(before.exports, live.exports)) this.#replanSoon()
        }
        next.push(live)
        starting.push(live)
      }
    }
    await this.#retire(ending)
    this.#live = next
    await this.#startAll(starting)
  }

  // The running component where it can go on with the new options; the one built to try them is then let go.
  async #keep(before: LiveComponent, planned: PlannedComponent): Promise<LiveComponent | undefined> {
    if (before.definition !== planned.definition) return undefined
    if (!before.update(planned.options, !planned.fresh)) return undefined
    if (planned.fresh) await release(planned)
    return before
  }

  async #startAll(starting: readonly LiveComponent[]): Promise<void> {
    const failures: unknown[] = []
    for (const live of starting) {
      try {
        await live.start()
      } catch (error) {
        failures.push(error)
      }
      if (live.input !== undefined) this.#gate(live.fullId).open(live.input)
    }
    if (failures.length > 0) {
      const [first] = failures
      throw first instanceof LogstreamError
        ? first
        : new LogstreamError('IO', messageOf(first), { cause: first })
    }
  }

  // A sink whose endpoint is dead must not keep a reload, which may be what mends it, waiting for ever.
  async #retire(ending: readonly LiveComponent[]): Promise<void> {
    if (ending.length === 0) return
    for (const { component } of ending) component.drain?.(RELOAD_DEADLINE_MS / 2)
    let timer: Timer | undefined
    const late = new Promise<void>((resolve) => {
      timer = this.#clock.after(RELOAD_DEADLINE_MS, resolve)
    })
    await this.#endAll(ending, Promise.race([late, this.#givenUp]))
    timer?.cancel()
  }

  // Sources stand last in dependency order, so they end first; each one's successors still run meanwhile.
  async #endAll(ending: readonly LiveComponent[], deadline: Promise<void>): Promise<void> {
    const inOrder = async (): Promise<void> => {
      for (const live of this.#live.toReversed()) {
        if (!ending.includes(live)) continue
        // Who goes on sends to its successor, when there is one.
        this.#gate(live.fullId).shut()
        await live.end()
      }
    }
    await Promise.race([inOrder(), deadline])
    this.#kept = ending.reduce((sum, { component }) => sum + (component.kept?.() ?? 0), this.#kept)
    for (const live of ending) {
      this.#gate(live.fullId).shut()
      this.#exported.delete(live.fullId)
      await live.close()
    }
  }
}
