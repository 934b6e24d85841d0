/** Alerting and recording rules at work: files are read and watched, groups evaluated, alerts saved and sent. */
import { messageOf } from '../errors.ts'
import type { Clock, Timer } from '../flow/clock.ts'
import { Turns } from '../flow/turns.ts'
import type { Limits } from '../logql/engine/budget.ts'
import type { Querier } from '../logql/engine/querier.ts'
import type { Logger } from '../telemetry/log.ts'
import type { Metrics } from '../telemetry/metrics.ts'
import { problemText } from './file/problems.ts'
import { readRules } from './file/read-rules.ts'
import { RunningGroup, type GroupContext, type GroupSettings } from './group.ts'
import { RulerMetrics } from './metrics.ts'
import { notificationOf } from './notify/notification.ts'
import { Outbox, type Destination } from './notify/outbox.ts'
import { outboxMetrics } from './notify/outbox-metrics.ts'
import { RuleFolder, type RuleFile } from './rule-folder.ts'
import { alertsOf, restoreAlerts, SavedAlerts, type AlertsByRule } from './saved-alerts.ts'

export interface RulerOptions {
  /** A folder of rule files, or one file. */
  readonly path: string
  /** Where alerts are kept over a restart. */
  readonly statePath: string
  readonly settings: GroupSettings
  readonly destinations: readonly Destination[]
  /** Whether rules may be changed over HTTP. */
  readonly enableApi: boolean
  readonly querier: Querier
  readonly limits?: Partial<Limits>
  readonly clock: Clock
  readonly log: Logger
  readonly metrics: Metrics
  /** Where recording rules put their series. */
  readonly recorded: Metrics
}

/** How often the files are looked at. */
const POLL_MS = 5000

/** Groups that are evaluated at once; queries of clients have turns of their own. */
const AT_ONCE = 2

/** A namespace with what came of its file. */
interface Namespace {
  readonly file: RuleFile
  readonly groups: readonly RunningGroup[]
  /** What is wrong with the file; its rules are then those it had before. */
  readonly problem: string | undefined
}

export class Ruler {
  readonly folder: RuleFolder
  readonly enableApi: boolean
  readonly #options: RulerOptions
  readonly #context: GroupContext
  readonly #metrics: RulerMetrics
  readonly #outboxMetrics: Metrics
  readonly #outboxes: readonly Outbox[]
  readonly #saved: SavedAlerts
  readonly #stop = new AbortController()
  readonly #turns = new Turns({ running: AT_ONCE })
  #namespaces: ReadonlyMap<string, Namespace> = new Map()
  #stamp = ''
  #poll: Timer | undefined
  #turn: Promise<void> = Promise.resolve()

  private constructor(options: RulerOptions) {
    const { settings, querier, limits, clock, log, metrics } = options
    this.#options = options
    this.enableApi = options.enableApi
    this.folder = new RuleFolder(options.path)
    this.#metrics = new RulerMetrics(metrics.with({}), options.recorded, () => this.groups())
    this.#saved = new SavedAlerts(options.statePath, log)
    this.#outboxes = options.destinations.map((each) => new Outbox(each, clock, log))
    this.#outboxMetrics = metrics.with({})
    outboxMetrics(this.#outboxMetrics, this.#outboxes)
    this.#context = {
      settings,
      query: { querier, ...(limits === undefined ? {} : { limits }), signal: this.#stop.signal },
      turns: this.#turns,
      clock,
      log,
      metrics: this.#metrics,
      notify: (alerts, rule) => {
        const all = alerts.map((alert) => notificationOf(alert, rule, settings))
        for (const outbox of this.#outboxes) outbox.put(all)
      },
      evaluated: () => this.#saved.save(alertsOf(this.groups()), clock.now()),
    }
  }

  /** Reads the rules and begins to evaluate them. Never rejects: what is wrong with files is in `problems`, and logged. */
  static async start(options: RulerOptions): Promise<Ruler> {
    const ruler = new Ruler(options)
    await ruler.#load(await ruler.#saved.load(options.clock.now()))
    ruler.#watch()
    return ruler
  }

  /** By namespace, in the order of the files. */
  groups(): readonly RunningGroup[] {
    return [...this.#namespaces.values()].flatMap(({ groups }) => groups)
  }

  /** What is wrong with the files. */
  get problems(): readonly string[] {
    return [...this.#namespaces.values()].flatMap(({ problem }) => problem ?? [])
  }

  /** The text of a namespace's file. */
  textOf(namespace: string): string | undefined {
    return this.#namespaces.get(namespace)?.file.text
  }

  get namespaces(): readonly string[] {
    return [...this.#namespaces.keys()]
  }

  /** Replaces the groups of a namespace; none: it is deleted. */
  async write(namespace: string, groups: readonly unknown[]): Promise<void> {
    await this.#inTurn(async () => {
      await this.folder.write(namespace, groups)
      await this.#load()
    })
  }

  /** Reads the files that have changed. */
  async reload(): Promise<void> {
    await this.#inTurn(() => this.#load())
  }

  /** Ends evaluations and notifications; alerts stay as they are. */
  async close(): Promise<void> {
    this.#poll?.cancel()
    this.#stop.abort(new Error('the store is closing'))
    this.#turns.close()
    await this.#turn
    await Promise.all(this.groups().map((group) => group.stop()))
    await Promise.all(this.#outboxes.map((outbox) => outbox.close()))
    await this.#saved.settled()
    this.#metrics.close()
    this.#outboxMetrics.close()
  }

  async #inTurn(run: () => Promise<void>): Promise<void> {
    const turn = this.#turn.then(run)
    this.#turn = turn.catch(() => undefined)
    await turn
  }

  #watch(): void {
    this.#poll = this.#options.clock.after(POLL_MS, () => {
      void this.#inTurn(async () => {
        if ((await this.folder.stamp()) !== this.#stamp) await this.#load()
      }).finally(() => {
        if (!this.#stop.signal.aborted) this.#watch()
      })
    })
  }

  async #load(saved?: AlertsByRule): Promise<void> {
    const { log, path } = this.#options
    this.#stamp = await this.folder.stamp()
    let files: readonly RuleFile[]
    try {
      files = await this.folder.read()
    } catch (error) {
      log.error('the rules cannot be read', { path, error: messageOf(error) })
      return
    }
    const next = new Map<string, Namespace>()
    for (const file of files) {
      const before = this.#namespaces.get(file.namespace)
      next.set(
        file.namespace,
        before !== undefined && before.file.text === file.text
          ? before
          : await this.#replace(before, file, saved),
      )
    }
    for (const [name, { groups }] of this.#namespaces)
      if (!next.has(name)) for (const group of groups) await this.#end(group)
    this.#namespaces = next
  }

  async #replace(
    before: Namespace | undefined,
    file: RuleFile,
    saved: AlertsByRule | undefined,
  ): Promise<Namespace> {
    const { groups, problems } = readRules(file.path, file.text)
    const problem = problems.length === 0 ? undefined : problems.map(problemText).join('\n')
    if (problem !== undefined) {
      this.#options.log.error('a rule file is not used', {
        path: file.path,
        error: problem,
        ...(before === undefined ? {} : { kept: 'the rules it had before' }),
      })
      return { file, groups: before?.groups ?? [], problem }
    }
    const old = before?.groups ?? []
    for (const group of old) await group.stop()
    const running = groups.map((group) => new RunningGroup(file.namespace, group, this.#context))
    restoreAlerts(running, saved ?? alertsOf(old))
    for (const group of old)
      this.#metrics.forget(
        group,
        running.some(({ key }) => key === group.key),
      )
    for (const group of running) group.start()
    return { file, groups: running, problem }
  }

  async #end(group: RunningGroup): Promise<void> {
    await group.stop()
    this.#metrics.forget(group, false)
  }
}
