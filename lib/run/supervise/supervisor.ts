/**
 * Runs what a config asks for: the first load, reloads and changed exports (all through a plan), and the end in
 * order, sources first. It knows nothing of HTTP and command lines.
 */
import { join } from 'node:path'
import { inTextOrder, placeOf, type Diagnostic } from '../../alloy/diagnostic.ts'
import { parseFile } from '../../alloy/parser.ts'
import type { Value } from '../../alloy/value.ts'
import { systemClock, type Clock, type Timer } from '../../flow/clock.ts'
import type { ComponentContext, ComponentDefinition, Stability } from '../../component/component.ts'
import type { WatchSettings } from '../../disk/watch-file.ts'
import type { BatchWatcher } from '../../flow/batch-tap.ts'
import type { StageWatcher } from '../../flow/stage-tap.ts'
import { LogstreamError, messageOf } from '../../errors.ts'
import { Ledger } from '../../flow/ledger.ts'
import { components } from '../../components/index.ts'
import { buildStages, stageDefinitions } from '../../registry.ts'
import type { Logger } from '../../telemetry/log.ts'
import { Metrics } from '../../telemetry/metrics.ts'
import { detailsOf, infoOf, type ComponentDetails, type ComponentInfo } from './component-info.ts'
import { joinTexts, type ConfigText } from '../modules/config-text.ts'
import { Fetcher } from '../plan/fetcher.ts'
import { FileWatches } from '../modules/file-watches.ts'
import { Graph } from './graph.ts'
import { registerHealthMetrics } from './health-metrics.ts'
import { HealthWatch } from './health-watch.ts'
import type { ModuleFiles } from '../modules/imports.ts'
import { registerLedgerMetrics } from './ledger-metrics.ts'
import { sameButReceivers } from './live.ts'
import { Loads, type FailedLoad } from './loads.ts'
import { discard, type Declaration, type Plan, type PlanEnv } from '../plan/plan-data.ts'
import { planConfig } from '../plan/plan.ts'

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
  /** Other configs use it as well. */
  readonly sharedStorage?: boolean
  readonly clock?: Clock
  /** Gets the settings blocks (`logging`, `http`) of the config, before its components start. */
  readonly onSettings?: (settings: Plan['settings']) => void
  /** Definitions that replace those of the same name: pipe mode has its own file source, the demo its own sink. */
  readonly substitutes?: readonly ComponentDefinition[]
  /** Leaves out components that aren't about logs. */
  readonly logsOnly?: boolean
}

/** What a check looks for beyond a load. */
export interface CheckOptions {
  /** What Alloy doesn't have is a mistake too. */
  readonly alloyOnly?: boolean
  /** As in `SupervisorOptions`, which it overrides. */
  readonly logsOnly?: boolean
}

/** A config that runs, or is being taken. */
interface Config {
  readonly texts: readonly ConfigText[]
  readonly settings: Plan['settings']
  /** Files and folders that imports were read from. */
  readonly files: readonly WatchSettings[]
  /** By full id of a component. */
  readonly declared: ReadonlyMap<string, Declaration>
}

export class Supervisor {
  readonly ledger = new Ledger()
  readonly #options: SupervisorOptions
  readonly #clock: Clock
  readonly #definitions: ReadonlyMap<string, ComponentDefinition>
  readonly #graph: Graph
  readonly #health: HealthWatch
  readonly #loads: Loads
  readonly #watches: FileWatches
  readonly #fetcher: Fetcher
  #config: Config = { texts: [], settings: new Map(), files: [], declared: new Map() }
  #changing: Promise<unknown> = Promise.resolve()
  #replanDue: Timer | undefined
  #stopped = false
  #giveUp: () => void = () => {}
  readonly #givenUp = new Promise<void>((resolve) => {
    this.#giveUp = resolve
  })

  constructor(options: SupervisorOptions) {
    this.#options = options
    this.#clock = options.clock ?? systemClock
    this.#definitions = new Map([
      ...components,
      ...(options.substitutes ?? []).map((each) => [each.name, each] as const),
    ])
    const { log, metrics, storagePath } = options
    const clock = this.#clock
    const replan = (): void => this.#replanSoon()
    this.#graph = new Graph({ clock, givenUp: this.#givenUp, onExports: replan })
    this.#health = new HealthWatch(clock, () => this.#graph.components)
    this.#loads = new Loads(metrics, clock)
    this.#watches = new FileWatches(clock, replan)
    this.#fetcher = new Fetcher({ clock, log, storagePath, onChange: replan })
    registerLedgerMetrics(metrics, this.ledger)
    registerHealthMetrics(metrics, () => this.components())
  }

  /** Entries that components which have ended keep on disk for the next start. */
  get kept(): number {
    return this.#graph.kept
  }

  get settings(): Plan['settings'] {
    return this.#config.settings
  }

  /** Files and folders that imports were read from. */
  get watched(): readonly string[] {
    return this.#config.files.map(({ path }) => path)
  }

  /** The texts of the config that runs. */
  get texts(): readonly ConfigText[] {
    return this.#config.texts
  }

  /** The last load, if it failed. */
  get failedLoad(): FailedLoad | undefined {
    return this.#loads.failed
  }

  components(): ComponentInfo[] {
    return this.#graph.components.map((live) => infoOf(live, this.#health.of(live)))
  }

  details(): ComponentDetails[] {
    return this.#graph.components.map((live) =>
      detailsOf(live, {
        exports: this.#graph.exportsOf(live),
        changes: this.#health.changes(live.fullId),
        declared: this.#config.declared.get(live.fullId),
      }),
    )
  }

  /**
   * Returns what is wrong with the config without running anything of it; remote modules are fetched, since they are
   * part of it. Values that are out of reach from here (`OutOfReach`) are left unknown. For a supervisor that runs nothing yet.
   */
  async check(options: CheckOptions = {}): Promise<readonly Diagnostic[]> {
    const plan = await this.#planWhole(this.#options.config(), options, true)
    await discard(plan)
    await this.#fetcher.close()
    return plan.diagnostics
  }

  /**
   * Reads the config and runs it, in place of the one that runs by now. Returns its diagnostics. With an error among
   * them nothing is changed; when a component can't start, what ran before is put back and the error thrown.
   */
  async load(): Promise<readonly Diagnostic[]> {
    return await this.#exclusive(() => this.#loads.count(() => this.#load()))
  }

  /** Resolves when every source has ended by itself: for pipes and other one-shot runs. */
  async sourcesEnded(): Promise<void> {
    await Promise.all(
      this.#graph.components
        .filter(({ input, component }) => input === undefined && component.output !== undefined)
        .map((live) => live.outputEnded()),
    )
  }

  /** Shows what goes into the component `fullId` to `watcher`, until the returned function is called. */
  watch(fullId: string, watcher: BatchWatcher): () => void {
    return this.#graph.gate(fullId).watch(watcher)
  }

  /** Shows what the component `fullId` hands on to `watcher`, until the returned function is called. */
  watchOutput(fullId: string, watcher: BatchWatcher): () => void {
    return this.#graph.taps(fullId).output.watch(watcher)
  }

  /** Shows what the stages of the component `fullId` do to `watcher`, until the returned function is called. */
  watchStages(fullId: string, watcher: StageWatcher): () => void {
    return this.#graph.taps(fullId).stages.watch(watcher)
  }

  /** Ends in order, sources first. Takes as long as it takes, unless `drain` sets a deadline before or while it does. */
  async stop(): Promise<void> {
    await this.#exclusive(async () => {
      this.#stopped = true
      this.#replanDue?.cancel()
      this.#watches.set([])
      this.#health.close()
      await this.#fetcher.close()
      await this.#graph.stop()
    })
  }

  /** Sets a deadline to a stop: sinks send for half of `deadlineMs`, and what hasn't ended after it is closed as it is. */
  drain(deadlineMs = STOP_DEADLINE_MS): void {
    // A sink that fails must take what waits for it before a source can end.
    this.#graph.drain(deadlineMs / 2)
    this.#clock.after(deadlineMs, () => this.#giveUp())
  }

  #exclusive<T>(work: () => Promise<T>): Promise<T> {
    const next = this.#changing.then(work, work)
    this.#changing = next.catch(() => undefined)
    return next
  }

  async #load(): Promise<{ texts: readonly ConfigText[]; diagnostics: readonly Diagnostic[] }> {
    const texts = this.#options.config()
    const plan = await this.#planWhole(texts)
    const { settings, files, diagnostics } = plan
    if (hasErrors(plan)) {
      await discard(plan)
      return { texts, diagnostics }
    }
    const before = this.#config
    this.#take({ texts, settings, files, declared: declarationsOf(plan) })
    try {
      await this.#graph.replace(plan.components)
    } catch (error) {
      this.#take(before)
      throw error
    }
    await this.#watch(files)
    return { texts, diagnostics }
  }

  // With the texts that run already: a config that is being edited is taken by a reload only.
  async #replan(): Promise<void> {
    const { texts } = this.#config
    const plan = await this.#planWhole(texts)
    for (const found of plan.diagnostics)
      if (found.severity === 'error')
        this.#options.log.error('a change was not taken over', {
          error: `${placeOf(found)}: ${found.message}`,
        })
    if (hasErrors(plan)) return await discard(plan)
    this.#take({ texts, settings: plan.settings, files: plan.files, declared: declarationsOf(plan) })
    await this.#graph.follow(plan.components)
    await this.#watch(plan.files)
  }

  #replanSoon(): void {
    if (this.#stopped || this.#replanDue !== undefined) return
    this.#replanDue = this.#clock.after(0, () => {
      this.#replanDue = undefined
      this.#exclusive(async () => {
        if (!this.#stopped) await this.#replan()
      }).catch((error: unknown) =>
        this.#options.log.error('a change could not be taken over', { error: messageOf(error) }),
      )
    })
  }

  // Before components start, so that their first lines are logged as the config says.
  #take(config: Config): void {
    this.#config = config
    this.#options.onSettings?.(config.settings)
  }

  async #watch(files: readonly WatchSettings[]): Promise<void> {
    await this.#fetcher.keep()
    this.#watches.set(files)
    this.#health.start()
  }

  // What is on other machines is fetched between tries, until nothing more is missing.
  async #planWhole(texts: readonly ConfigText[], check: CheckOptions = {}, checking = false): Promise<Plan> {
    for (let tries = 0; tries < MAX_TRIES; tries++) {
      this.#fetcher.begin(tries === 0)
      const plan = this.#plan(texts, check, checking)
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

  #plan(texts: readonly ConfigText[], check: CheckOptions, checking: boolean): Plan {
    const diagnostics = texts.flatMap(({ source }) => parseFile(source).diagnostics)
    const [first] = texts
    if (diagnostics.length > 0 || first === undefined)
      return { components: [], settings: new Map(), files: [], diagnostics }
    const joined = joinTexts(texts)
    const statements = parseFile(joined.source).file.body
    const body = { statements, source: joined.source, modulePath: first.modulePath, place: 'root' as const }
    const plan = planConfig(body, this.#planEnv(check, checking))
    return {
      ...plan,
      components: plan.components.map((each) => ({ ...each, declared: joined.inItsFile(each.declared) })),
      diagnostics: inTextOrder(plan.diagnostics, joined.source).map((each) => joined.inItsFile(each)),
    }
  }

  #planEnv({ alloyOnly, logsOnly = this.#options.logsOnly }: CheckOptions, checking: boolean): PlanEnv {
    const { files, stability, stdlib } = this.#options
    return {
      components: this.#definitions,
      stages: stageDefinitions,
      stability,
      files,
      fetches: this.#fetcher,
      alloyOnly,
      logsOnly,
      checking,
      stdlib,
      receiver: (fullId) => this.#graph.gate(fullId),
      running: (fullId) => this.#graph.running(fullId),
      context: (fullId, id, componentPath, modulePath, quiet = false) =>
        this.#context(fullId, id, componentPath, modulePath, quiet),
      same: sameButReceivers,
    }
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
      sharedStorage: this.#options.sharedStorage ?? false,
      modulePath,
      stability,
      tap: this.#graph.taps(fullId).stages,
      stages: (specs) => buildStages(specs, ctx),
      export: (exports) => this.#graph.setExports(fullId, exports),
    }
    return ctx
  }
}

function hasErrors({ diagnostics }: Plan): boolean {
  return diagnostics.some(({ severity }) => severity === 'error')
}

function declarationsOf({ components }: Plan): Config['declared'] {
  return new Map(components.map(({ fullId, declared }) => [fullId, declared]))
}
