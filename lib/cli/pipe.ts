/** `logstream` without a command: lines from standard input through a config. */
import { existsSync } from 'node:fs'
import { resolve } from 'node:path'
import { printDiagnostic } from '../alloy/diagnostic.ts'
import { quote } from '../go/strconv/quote.ts'
import { LogstreamError } from '../errors.ts'
import type { ComponentDefinition } from '../component/component.ts'
import { components } from '../registry.ts'
import { diskFiles, readConfig } from '../run/modules/config-files.ts'
import type { ConfigText } from '../run/modules/config-text.ts'
import { Supervisor } from '../run/supervise/supervisor.ts'
import { componentDefinitions } from '../components/index.ts'
import { notYet } from '../components/unavailable.ts'
import { stdinSource } from '../components/loki.source.stdin/stdin.ts'
import { createLogger } from '../telemetry/log.ts'
import { Metrics } from '../telemetry/metrics.ts'
import { readArgs, type Args } from './args.ts'
import { exitStatus } from './exit-status.ts'
import { hostLibrary } from '../run/plan/host-library.ts'
import { EXIT, type Command, type Io } from './io.ts'
import { pipeSources, type PipeSources } from './pipe-sources.ts'
import { mayColour, printing } from './print-sink.ts'
import { pushUrl } from './push-url.ts'
import { startAdmin } from './admin.ts'
import { stopSignal } from './run.ts'
import { pipeStorage } from './storage-path.ts'
import { stabilityOf } from './validate.ts'

const SYSTEM_CONFIG = '/etc/logstream/config.alloy'

export const pipeCommand: Command = {
  help: `
Usage: tail -f app.log | logstream [flags]

Reads lines from standard input through a config: -c FILE, else $LOGSTREAM_CONFIG,
else ./logstream.alloy, else ${SYSTEM_CONFIG}. Standard input replaces the
config's loki.source.file and gets the labels of its target; other sources and
the HTTP server stay off. Without any config lines go to --loki-url (or $LOKI_URL;
both with or without the path of pushes), else they are printed.

  -c, --config FILE     the config
      --source NAME     which file source standard input replaces, if several
      --loki-url URL    without a config: where to push, http://host:3100
      --label N=V       a label for every line; may be repeated
      --tenant ID       tenant for every line
      --inspect         show what each stage does to each line, deliver nothing (see:
                        logstream explain)
      --component NAME  with --inspect: the loki.process to start at, if several
      --dry-run         print the entries instead of delivering them
      --output FORMAT   how entries are printed: text (default) or json
      --storage.path DIR  spool and dead letters ($XDG_STATE_HOME/logstream, else
                        ~/.local/state/logstream)
      --server.http.listen-addr ADDR  also serve the page and /metrics there
      --stability.level LEVEL

Exit status: 0 everything read was delivered, or dropped on purpose; 1 bad usage
or bad config; 3 some lines are in the spool or the dead letters; 4 some could not
be saved anywhere.
`,
  run: async (args, io) => {
    const given = readArgs('pipe', args, {
      config: { type: 'string', short: 'c' },
      source: { type: 'string' },
      'loki-url': { type: 'string' },
      label: { type: 'string', multiple: true },
      tenant: { type: 'string' },
      inspect: { type: 'boolean' },
      component: { type: 'string' },
      'dry-run': { type: 'boolean' },
      output: { type: 'string' },
      'storage.path': { type: 'string' },
      'server.http.listen-addr': { type: 'string' },
      'stability.level': { type: 'string' },
    })
    if (given.words.length > 0)
      throw new LogstreamError('BAD_USAGE', `unexpected "${given.words[0]}". See: logstream --help`)
    if (io.stdin.isTTY === true)
      throw new LogstreamError(
        'BAD_USAGE',
        'standard input is a terminal: pipe lines in, or see: logstream --help',
      )
    if (given.flag('inspect')) return await inspect(given, io)
    if (given.text('component') !== undefined)
      throw new LogstreamError('BAD_USAGE', '--component goes with --inspect. See: logstream pipe --help')
    return await runPipe(given, io)
  },
}

interface PipeConfig {
  readonly config: () => ConfigText[]
  /** Whether entries are printed instead of delivered. */
  readonly print: boolean
}

async function runPipe(given: Args, io: Io): Promise<number> {
  const extra = extraLabels(given)
  const { config, print } = findConfig(given, io)
  const stdin = stdinSource(() => io.stdin)
  const stand = pipeSources(
    componentDefinitions.filter(
      ({ name }) =>
        name.startsWith('loki.source.') || name === 'local.file_match' || notYet(name) !== undefined,
    ),
    (labels, ctx) => stdin.create({ forward_to: [], labels }, ctx),
    extra,
  )
  const storagePath = given.text('storage.path') ?? pipeStorage(io)
  const supervisor = pipeSupervisor({ config, print, stand, given, io, storagePath })
  if (await hasErrors(supervisor, io)) return EXIT.usage
  stand.choose(given.text('source'))
  const server = await startServer(given, supervisor, io)
  const stdoutClosed = new Promise<void>((resolve) => io.stdout.on('error', () => resolve()))
  try {
    await supervisor.supervisor.load()
    await server?.apply()
    const told = stopSignal(io, () => undefined).then(() => supervisor.supervisor.drain())
    await Promise.race([supervisor.supervisor.sourcesEnded(), told, stdoutClosed])
  } finally {
    await supervisor.supervisor.stop()
    await server?.close()
  }
  const status = exitStatus(supervisor.supervisor.ledger, supervisor.supervisor.kept, storagePath)
  if (status.message !== '') io.stderr.write(`logstream: ${status.message}\n`)
  return status.code
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
}): PipeRun {
  const { config, print, stand, given, io, storagePath } = options
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
    log: createLogger({ level: 'warn', format: 'logfmt' }, (line) => io.stderr.write(`${line}\n`)),
    metrics,
    stability,
    stdlib: hostLibrary(io.env, stability),
    storagePath,
    sharedStorage: true,
    substitutes: [...stand.substitutes, ...printers],
  })
  return { supervisor, metrics }
}

// What takes entries and hands them on to no other component.
function isSink({ exports, fields }: ComponentDefinition): boolean {
  return 'receiver' in exports && !('forward_to' in fields)
}

async function hasErrors({ supervisor }: PipeRun, io: Io): Promise<boolean> {
  const diagnostics = await supervisor.check()
  for (const diagnostic of diagnostics) io.stderr.write(`${printDiagnostic(diagnostic)}\n\n`)
  return diagnostics.some(({ severity }) => severity === 'error')
}

async function startServer(
  given: Args,
  { supervisor, metrics }: PipeRun,
  io: Io,
): ReturnType<typeof startAdmin> {
  const listen = given.text('server.http.listen-addr') ?? ''
  const log = createLogger({ level: 'warn', format: 'logfmt' }, (line) => io.stderr.write(`${line}\n`))
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

// `--inspect` is `logstream explain` on standard input.
async function inspect(given: Args, io: Io): Promise<number> {
  const path = configPath(given, io)
  if (path === undefined)
    throw new LogstreamError(
      'BAD_USAGE',
      'without a config there is nothing to inspect: name one with -c FILE',
    )
  const labels = given.texts('label').flatMap((label) => ['--label', label])
  const format = given.text('output') === 'json' ? ['--json'] : []
  const level = given.text('stability.level')
  const component = given.text('component')
  const { explainCommand } = await import('./explain.ts')
  return await explainCommand.run(
    [
      ...['-c', path, ...labels, ...format],
      ...(component === undefined ? [] : ['--component', component]),
      ...(level === undefined ? [] : ['--stability.level', level]),
      '-',
    ],
    io,
  )
}

function configPath(given: Args, io: Io): string | undefined {
  const candidates = [given.text('config'), io.env['LOGSTREAM_CONFIG'] || undefined]
  const named = candidates.find((path) => path !== undefined)
  return named ?? ['logstream.alloy', SYSTEM_CONFIG].find((file) => existsSync(file))
}

function findConfig(given: Args, io: Io): PipeConfig {
  const path = configPath(given, io)
  const url = given.text('loki-url')
  if (path !== undefined && url === undefined)
    return { config: () => readConfig(path), print: given.flag('dry-run') }
  if (given.text('config') !== undefined && url !== undefined)
    throw new LogstreamError(
      'BAD_USAGE',
      'use either --config or --loki-url: a config already says where lines go',
    )
  const target = url ?? (io.env['LOKI_URL'] || undefined)
  return { config: () => [plainConfig(target)], print: target === undefined || given.flag('dry-run') }
}

// The config used without a config: standard input straight into one endpoint.
function plainConfig(url: string | undefined): ConfigText {
  const endpoint = quote(url === undefined ? 'http://127.0.0.1:3100' : pushUrl(url))
  const text = `loki.source.stdin "pipe" {
	forward_to = [loki.write.pipe.receiver]
	labels     = { job = "stdin" }
}

loki.write "pipe" {
	endpoint {
		url = ${endpoint}
	}
}
`
  return { source: { name: 'built-in config', text }, modulePath: resolve('.') }
}

function extraLabels(given: Args): ReadonlyMap<string, string> {
  const labels = new Map<string, string>()
  for (const text of given.texts('label')) {
    const at = text.indexOf('=')
    if (at < 1) throw new LogstreamError('BAD_USAGE', `--label takes name=value, found "${text}"`)
    labels.set(text.slice(0, at), text.slice(at + 1))
  }
  const tenant = given.text('tenant')
  if (tenant !== undefined) labels.set('__tenant_id__', tenant)
  return labels
}
