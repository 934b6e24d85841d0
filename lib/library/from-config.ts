/** `fromConfig`: an Alloy config run inside a program, with the same engine as `logstream run`. */
import { EventEmitter } from 'node:events'
import { resolve } from 'node:path'
import { printDiagnostic } from '../alloy/diagnostic.ts'
import type { Stability } from '../component/component.ts'
import { LogstreamError } from '../errors.ts'
import { systemClock, type Timer } from '../flow/clock.ts'
import { keepAlive } from '../flow/keep-alive.ts'
import { diskFiles, readConfig } from '../run/modules/config-files.ts'
import type { ConfigText } from '../run/modules/config-text.ts'
import { hostLibrary } from '../run/plan/host-library.ts'
import { Supervisor } from '../run/supervise/supervisor.ts'
import { loggerFor, type LibraryLogger } from '../telemetry/library-log.ts'
import { SILENT } from '../telemetry/log.ts'
import { Metrics } from '../telemetry/metrics.ts'

/** The text of a config, or the path of a file or of a folder of `*.alloy` files. */
export type ConfigInput = string | { readonly file: string }

/** How a config is run. */
export interface ConfigOptions {
  /** Folder of positions, spools and dead letters; left out: nothing is written to disk. */
  readonly dataDir?: string
  /** Told what a service would log; left out: nothing is logged. */
  readonly logger?: LibraryLogger
  /** The least stable components that the config may use; `generally-available` if left out. */
  readonly stability?: Stability
  /** What `sys.env` sees; `process.env` if left out. */
  readonly env?: Readonly<Record<string, string | undefined>>
}

/** A component whose health has changed. */
export interface ComponentHealth {
  /** `loki.write.default`, with the modules around it in front. */
  readonly component: string
  readonly state: 'healthy' | 'unhealthy' | 'unknown' | 'exited'
  readonly message: string
}

/** Lines by what became of them: `read` is the sum of the others. */
export interface LineCounts {
  readonly read: number
  readonly delivered: number
  /** On disk, to be sent later. */
  readonly spooled: number
  readonly dropped: number
  /** Refused by Loki, and kept on disk. */
  readonly deadLettered: number
  readonly inFlight: number
}

interface ConfigEvents {
  /** All components run. */
  ready: []
  health: [ComponentHealth]
  /** Every source has ended by itself, as standard input and pipes do. */
  ended: []
  stopped: []
}

/** A config as it runs. `stop` it before the program ends, so that what is in flight is delivered or kept. */
export interface ConfigService {
  /** `ready`, `health`, `ended` and `stopped`. */
  readonly events: EventEmitter<ConfigEvents>
  /** Resolves when all components run. Rejects with what kept one of them from starting. */
  start(): Promise<void>
  /** The promise of `start`, for those who didn't call it. */
  readonly ready: Promise<void>
  /** Reads the config again. Rejects, and keeps what runs, when it has errors. */
  reload(): Promise<void>
  /** What became of the lines that were read so far. */
  readonly counts: LineCounts
  /** Sources first; then what is in flight is delivered, for at most `deadlineMs` (4 s), or kept in `dataDir`. */
  stop(deadlineMs?: number): Promise<void>
}

const HEALTH_MS = 2000

/**
 * Reads and checks a config. Rejects with BAD_CONFIG and all mistakes, each with its place. Nothing runs until `start`.
 *
 * @example
 * const service = await fromConfig({ file: 'config.alloy' }, { dataDir: 'data', logger: pino() })
 * service.events.on('health', ({ component, state, message }) => report(component, state, message))
 * await service.start()
 * process.once('SIGTERM', () => void service.stop())
 */
export async function fromConfig(input: ConfigInput, options: ConfigOptions = {}): Promise<ConfigService> {
  const config = (): ConfigText[] =>
    typeof input === 'string'
      ? [{ source: { name: 'config', text: input }, modulePath: resolve('.') }]
      : readConfig(input.file)
  const { stability = 'generally-available', env = process.env, logger, dataDir } = options
  const supervisor = (): Supervisor =>
    new Supervisor({
      config,
      files: diskFiles,
      log: logger === undefined ? SILENT : loggerFor(logger, 'logstream'),
      metrics: Metrics.create(),
      stability,
      stdlib: hostLibrary(env, stability),
      storagePath: dataDir,
    })
  refuse(await supervisor().check())
  return new RunningConfig(supervisor())
}

function refuse(diagnostics: Awaited<ReturnType<Supervisor['check']>>): void {
  const errors = diagnostics.filter(({ severity }) => severity === 'error')
  if (errors.length > 0)
    throw new LogstreamError('BAD_CONFIG', errors.map((each) => printDiagnostic(each)).join('\n\n'))
}

class RunningConfig implements ConfigService {
  readonly events = new EventEmitter<ConfigEvents>()
  readonly ready: Promise<void>
  readonly #supervisor: Supervisor
  readonly #health = new Map<string, string>()
  #settleReady: { resolve: () => void; reject: (error: unknown) => void } | undefined
  #starting: Promise<void> | undefined
  #stopping: Promise<void> | undefined
  #looking: Timer | undefined
  #release: () => void = () => {}

  constructor(supervisor: Supervisor) {
    this.#supervisor = supervisor
    this.ready = new Promise((resolve, reject) => {
      this.#settleReady = { resolve, reject }
    })
    // `start` rejects too: no one has to listen here.
    this.ready.catch(() => undefined)
  }

  start(): Promise<void> {
    return (this.#starting ??= this.#start())
  }

  get counts(): LineCounts {
    const { ledger } = this.#supervisor
    return {
      read: ledger.read,
      delivered: ledger.total('delivered'),
      spooled: ledger.total('spooled'),
      dropped: ledger.total('dropped'),
      deadLettered: ledger.total('dead_lettered'),
      inFlight: ledger.inFlight,
    }
  }

  async reload(): Promise<void> {
    refuse(await this.#supervisor.load())
  }

  stop(deadlineMs?: number): Promise<void> {
    return (this.#stopping ??= this.#stop(deadlineMs))
  }

  async #start(): Promise<void> {
    this.#release = keepAlive()
    try {
      await this.reload()
    } catch (error) {
      this.#settleReady?.reject(error)
      await this.stop()
      throw error
    }
    this.#look()
    void this.#supervisor.sourcesEnded().then(() => this.events.emit('ended'))
    this.#settleReady?.resolve()
    this.events.emit('ready')
  }

  async #stop(deadlineMs: number | undefined): Promise<void> {
    this.#looking?.cancel()
    this.#supervisor.drain(deadlineMs)
    await this.#supervisor.stop()
    this.#release()
    this.events.emit('stopped')
  }

  #look(): void {
    for (const { fullId: component, health } of this.#supervisor.components()) {
      const { state, message } = health
      const before = this.#health.get(component)
      this.#health.set(component, state)
      // Healthy is what everything is at first.
      if (before !== state && !(before === undefined && state === 'healthy'))
        this.events.emit('health', { component, state, message })
    }
    this.#looking = systemClock.after(HEALTH_MS, () => this.#look())
  }
}
