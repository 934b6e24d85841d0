/** Pipe mode at work: a supervisor whose source is standard input, and an exit status that says what became of the lines. */
import { LogstreamError } from '../errors.ts'
import { isSink } from '../component/component.ts'
import { diskFiles } from '../run/modules/config-files.ts'
import type { ConfigText } from '../run/modules/config-text.ts'
import { Supervisor } from '../run/supervise/supervisor.ts'
import { componentDefinitions, components } from '../components/index.ts'
import { notYet } from '../components/unavailable.ts'
import { stdinSource } from '../components/loki.source.stdin/stdin.ts'
import { createLogger, type Logger } from '../telemetry/log.ts'
import { Metrics } from '../telemetry/metrics.ts'
import type { Args } from './args.ts'
import { exitStatus } from './exit-status.ts'
import { hostLibrary } from '../run/plan/host-library.ts'
import { EXIT, type Io } from './io.ts'
import { extraLabels, findConfig } from './pipe-config.ts'
import { pipeSources, type PipeSources } from './pipe-sources.ts'
import { mayColour } from './colour.ts'
import { printing } from './print-sink.ts'
import { noProgress, showProgress, stdinFigures, type Figures } from './progress.ts'
import { showDiagnostics } from './show-diagnostics.ts'
import { startAdmin } from './admin.ts'
import { pipeStorage } from './storage-path.ts'
import { stabilityOf } from './stability.ts'

/** Runs a config on standard input until that has ended or `told` resolves. Resolves with the exit status. */
export async function runPipe(given: Args, io: Io, told: Promise<void>): Promise<number> {
  const extra = extraLabels(given)
  const { config, print } = findConfig(given, io)
  const stdin = stdinSource(() => io.stdin)
  const stand = pipeSources(
    componentDefinitions.filter(
      ({ name }) =>
        name.startsWith('loki.source.') ||
        name === 'otelcol.receiver.otlp' ||
        name === 'local.file_match' ||
        notYet(name) !== undefined,
    ),
    (labels, ctx) => stdin.create({ forward_to: [], labels }, ctx),
    extra,
  )
  const storagePath = given.text('storage.path') ?? pipeStorage(io)
  // Entries on the same terminal are progress enough.
  const quiet = print && io.stdout.isTTY === true
  const progress = quiet ? noProgress(io) : showProgress(io, () => figuresOf(io, pipe))
  const log = createLogger({ level: 'warn', format: 'logfmt' }, (line) => progress.write(`${line}\n`))
  const pipe = pipeSupervisor({ config, print, stand, given, io, storagePath, log })
  const { supervisor } = pipe
  try {
    if (await hasErrors(pipe, io)) return EXIT.usage
    stand.choose(given.text('source'))
    const server = await startServer(given, pipe, log, io)
    const stdoutClosed = new Promise<void>((resolve) => io.stdout.on('error', () => resolve()))
    try {
      await supervisor.load()
      await server?.apply()
      const stopped = told.then(() => supervisor.drain())
      await Promise.race([supervisor.sourcesEnded(), stopped, stdoutClosed])
    } finally {
      await supervisor.stop()
      await server?.close()
    }
  } finally {
    progress.stop()
  }
  const status = exitStatus(supervisor.ledger, supervisor.kept, storagePath)
  if (status.message !== '') io.stderr.write(`logstream: ${status.message}\n`)
  return status.code
}

function figuresOf(io: Io, { supervisor: { ledger } }: PipeRun): Figures {
  const note = `${ledger.read.toLocaleString('en-US')} ${ledger.read === 1 ? 'line' : 'lines'}`
  return { ...stdinFigures(io), note }
}

interface PipeRun {
  readonly supervisor: Supervisor
  readonly metrics: Metrics
}

function pipeSupervisor(options: {
  config: () => ConfigText[]
  print: boolean
  stand: PipeSources
  given: Args
  io: Io
  storagePath: string
  log: Logger
}): PipeRun {
  const { config, print, stand, given, io, storagePath, log } = options
  const format = given.text('output') ?? 'text'
  if (format !== 'text' && format !== 'json')
    throw new LogstreamError('BAD_USAGE', `--output takes text or json, found "${format}"`)
  const stability = stabilityOf(given.text('stability.level'))
  const how = { json: format === 'json', colour: mayColour(io) }
  const printers = print
    ? [...components.values()].filter(isSink).map((each) => printing(each, io.stdout, how))
    : []
  const metrics = Metrics.create()
  const supervisor = new Supervisor({
    config,
    files: diskFiles,
    log,
    metrics,
    stability,
    stdlib: hostLibrary(io.env, stability),
    storagePath,
    sharedStorage: true,
    substitutes: [...stand.substitutes, ...printers],
  })
  return { supervisor, metrics }
}

async function hasErrors({ supervisor }: PipeRun, io: Io): Promise<boolean> {
  const diagnostics = await supervisor.check()
  showDiagnostics(diagnostics, io)
  return diagnostics.some(({ severity }) => severity === 'error')
}

async function startServer(
  given: Args,
  { supervisor, metrics }: PipeRun,
  log: Logger,
  io: Io,
): ReturnType<typeof startAdmin> {
  const listen = given.text('server.http.listen-addr') ?? ''
  return await startAdmin({
    listen,
    supervisor,
    metrics,
    log,
    env: io.env,
    ready: () => true,
    reload: () => supervisor.load(),
  })
}
