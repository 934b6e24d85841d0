/** `logstream run`: the service. */
import type { Diagnostic } from '../alloy/diagnostic.ts'
import { sayDiagnostic } from '../admin/say.ts'
import { LogstreamError } from '../errors.ts'
import type { ComponentDefinition, Stability } from '../component/component.ts'
import { systemClock } from '../flow/clock.ts'
import { watchLabelPressure } from '../flow/labels.ts'
import { Warnings } from '../intake/warnings.ts'
import { diskFiles } from '../run/modules/config-files.ts'
import type { ConfigText } from '../run/modules/config-text.ts'
import { serviceLog } from '../run/supervise/service-log.ts'
import { Supervisor } from '../run/supervise/supervisor.ts'
import { Metrics } from '../telemetry/metrics.ts'
import { VERSION } from '../version.ts'
import { startAdmin, type Admin } from './admin.ts'
import { hostLibrary } from '../run/plan/host-library.ts'
import type { Command } from './command.ts'
import { EXIT, type Io } from './io.ts'
import { exitStatus } from './exit-status.ts'
import { configFormat, readRunConfig, type ConfigFormat } from './run-config.ts'
import { logsOnlyHint } from './logs-only-hint.ts'
import { logDiagnostics, reload } from './reload.ts'
import { DEFAULT_LISTEN, LISTED_RUN_FLAGS, readRunFlags } from './run-flags.ts'
import { showDiagnostics } from './show-diagnostics.ts'
import { stopSignal } from './stop-signal.ts'
import { SERVICE_STORAGE } from './storage-path.ts'
import { stabilityOf } from './stability.ts'

export const runCommand: Command = {
  usage: ['logstream run [flags] PATH'],
  about: `
Runs the config at PATH (a file, or a folder of *.alloy files) until stopped.
SIGTERM and SIGINT stop it in order: sources first, then everything in flight is
delivered, or kept on disk if that takes too long. SIGHUP and a POST request
to /-/reload load the config again; if that fails, what runs keeps running.`,
  flags: LISTED_RUN_FLAGS,
  notes: `
All other flags of \`alloy run\` are accepted, with a warning where they have no
effect.

Exit status: 0 stopped with everything delivered or safe on disk, 1 it could not
start, 4 some lines could not be kept.`,
  words: 'file',
  run: async (args, io) => {
    const { given, uiPrefix, stopDeadline, warnings } = readRunFlags(args)
    const [path] = given.words
    if (path === undefined || given.words.length > 1)
      throw new LogstreamError('BAD_USAGE', 'run needs one PATH. See: logstream run --help')
    const format = configFormat(given.text('config.format'))
    return await serve(
      {
        path,
        format,
        listen: given.text('server.http.listen-addr') ?? DEFAULT_LISTEN,
        allowedHosts: given.texts('server.http.allowed-host'),
        uiPrefix,
        support: !given.flag('server.http.disable-support-bundle'),
        showLogs: given.flag('server.http.show-logs'),
        allowActions: given.flag('server.http.allow-actions'),
        stopDeadline,
        logsOnly: given.flag('logs-only'),
        warnings,
        storagePath: given.text('storage.path') ?? SERVICE_STORAGE,
        stability: stabilityOf(given.text('stability.level')),
      },
      io,
    )
  },
}

export interface ServiceOptions {
  /** Left out: only what is in `more`. */
  readonly path?: string
  /** Left out: alloy. */
  readonly format?: ConfigFormat
  /** `''`: no admin server. */
  readonly listen: string
  readonly allowedHosts?: readonly string[]
  readonly uiPrefix?: string
  readonly support?: boolean
  /** Whether other machines see log lines without authentication. */
  readonly showLogs?: boolean
  /** Whether other machines may reload and replay without authentication. */
  readonly allowActions?: boolean
  /** How long a stop may take, in milliseconds. */
  readonly stopDeadline?: number
  /** Whether components that aren't about logs are left out. */
  readonly logsOnly?: boolean
  /** What to log at the start. */
  readonly warnings?: readonly string[]
  readonly storagePath: string
  readonly stability: Stability
  readonly substitutes?: readonly ComponentDefinition[]
  /** Configs beside the one at `path`. */
  readonly more?: readonly ConfigText[]
}

/** A running service, for the command and for the demo around it. */
export interface Service {
  readonly supervisor: Supervisor
  readonly metrics: Metrics
  readonly url: string | undefined
  /** Loads the config again and logs how that went. Throws what makes it impossible. */
  reload(): Promise<readonly Diagnostic[]>
  stop(): Promise<void>
}

/** Loads and starts everything. Throws what makes that impossible; config errors have been printed by then. */
export async function startService(options: ServiceOptions, io: Io, quiet = false): Promise<Service> {
  const metrics = Metrics.create({ process: true })
  const logging = serviceLog({
    write: (line) => io.stderr.write(`${line}\n`),
    metrics,
    edges: () => new Map(supervisor.details().map(({ fullId, forwardTo }) => [fullId, forwardTo])),
    level: quiet ? 'error' : undefined,
  })
  const { log, recent, problems } = logging
  for (const warning of options.warnings ?? []) log.warn(warning)
  metrics.collect('logstream_build_info', 'gauge', 'Version of logstream, always 1.', () => [
    { labels: { version: VERSION }, value: 1 },
  ])
  // While they come in, the table of label sets is filled several times a second.
  const seldom = new Warnings(log, systemClock)
  const unwatch = watchLabelPressure(({ label, distinct }) =>
    seldom.warn(label, 'a label has very many values, which hurts Loki: move it to structured metadata', {
      label,
      distinct,
    }),
  )
  let admin: Admin | undefined
  const supervisor = new Supervisor({
    config: () => configTexts(options),
    files: diskFiles,
    log,
    metrics,
    stability: options.stability,
    stdlib: hostLibrary(io.env, options.stability),
    storagePath: options.storagePath,
    substitutes: options.substitutes,
    logsOnly: options.logsOnly,
    onSettings: (blocks) => {
      logging.apply(blocks.get('logging'))
      void admin?.apply()
    },
  })
  let ready = false
  const { env } = io
  admin = await startAdmin({
    ...options,
    supervisor,
    metrics,
    log,
    recent,
    problems,
    env,
    ready: () => ready,
    reload: () => reload(supervisor, log),
  })
  try {
    const diagnostics = await supervisor.load()
    await admin?.apply()
    ready = !diagnostics.some(({ severity }) => severity === 'error')
    if (ready) logDiagnostics(diagnostics, log)
    else {
      showDiagnostics(diagnostics, io, sayDiagnostic)
      io.stderr.write(await logsOnlyHint(supervisor, diagnostics))
    }
    if (!ready)
      throw new LogstreamError(
        'BAD_CONFIG',
        options.path === undefined
          ? 'it could not start: see above'
          : `${options.path} was not loaded: fix it, and check it with: logstream validate ${options.path}`,
      )
  } catch (error) {
    unwatch()
    await supervisor.stop()
    await admin?.close()
    throw error
  }
  log.info('running', {
    config: options.path,
    version: VERSION,
    http: admin?.url ?? 'off',
    components: supervisor.components().length,
  })
  return {
    supervisor,
    metrics,
    get url() {
      return admin?.url
    },
    reload: () => reload(supervisor, log),
    stop: async () => {
      logging.stop()
      unwatch()
      supervisor.drain(options.stopDeadline)
      await supervisor.stop()
      await admin?.close()
    },
  }
}

/** Runs a service until it is told to stop. Resolves with the exit status. */
export async function serve(options: ServiceOptions, io: Io): Promise<number> {
  // Before the start, so that a signal right after the log has said "running" isn't deadly.
  let hangup = (): void => {}
  const stopped = stopSignal(io, () => hangup())
  const service = await startService(options, io)
  const { supervisor } = service
  // Failures are logged.
  hangup = () => void service.reload().catch(() => undefined)
  await stopped
  await service.stop()
  const status = exitStatus(supervisor.ledger, supervisor.kept)
  if (status.message !== '') io.stderr.write(`logstream: ${status.message}\n`)
  return status.code === EXIT.lost ? EXIT.lost : EXIT.ok
}

function configTexts({ path, format, more }: ServiceOptions): ConfigText[] {
  return [...(path === undefined ? [] : readRunConfig(path, format ?? 'alloy')), ...(more ?? [])]
}
