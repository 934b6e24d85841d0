/** `logstream demo`: the main job on sample lines, live on the terminal; what `npm start` runs. */
import { createWriteStream } from 'node:fs'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { dirname, join, relative } from 'node:path'
import { fileURLToPath } from 'node:url'
import { existsSync } from 'node:fs'
import type { ComponentDefinition } from '../../component/component.ts'
import type { Entry } from '../../flow/entry.ts'
import { LogstreamError } from '../../errors.ts'
import { transactionSource } from '../../generate/transactions.ts'
import { databaseInstall } from '../../store/install-hint.ts'
import { readArgs } from '../args.ts'
import { components } from '../../components/index.ts'
import { countingSink } from '../counting-sink.ts'
import { demoStore, type DemoStore } from './demo-store.ts'
import { demoBlock, demoLine, type DemoFigures, type DemoPlaces } from './demo-view.ts'
import type { Command, Flags } from '../command.ts'
import { EXIT, type Io } from '../io.ts'
import { mayColour } from '../colour.ts'
import { pushUrl } from '../push-url.ts'
import { ownCommand } from './own-command.ts'
import { PACKAGE_NAME } from '../../version.ts'
import { startService, type Service } from '../run.ts'
import { stopSignal } from '../stop-signal.ts'

const CONFIG = 'examples/transactions/config.alloy'
const SINK = 'transactions.pipeline.prod/loki.write.transactions'

const FLAGS: Flags = {
  rate: { value: 'N', doc: 'lines per second (200)' },
  seconds: { value: 'N', doc: 'stop after N seconds; 0: never (0)' },
  'server.http.listen-addr': { value: 'ADDR', doc: 'page and /metrics (127.0.0.1:12345)' },
}

export const demoCommand: Command = {
  usage: ['logstream demo [--rate N] [--seconds N] [--server.http.listen-addr ADDR]'],
  about: `
Writes sample transactions to a file, tails it, runs the lines through the
transactions pipeline (${CONFIG})
and shows what passes. Entries go to a store in the same process that serves Loki's
API on port 3100 (ask it with logstream query), or to the Loki at $LOKI_URL.`,
  flags: FLAGS,
  run: async (args, io) => {
    const given = readArgs('demo', args, FLAGS)
    const rate = Number(given.text('rate') ?? 200)
    const seconds = Number(given.text('seconds') ?? 0)
    if (!(rate > 0 && rate <= 1e6))
      throw new LogstreamError('BAD_USAGE', `--rate must be from 1 to 1000000, found "${given.text('rate')}"`)
    if (!(seconds >= 0))
      throw new LogstreamError('BAD_USAGE', `--seconds must be a number, found "${given.text('seconds')}"`)
    const folder = await mkdtemp(join(tmpdir(), 'logstream-demo-'))
    try {
      return await demo(
        { rate, seconds, folder, listen: given.text('server.http.listen-addr') ?? '127.0.0.1:12345' },
        io,
      )
    } finally {
      await rm(folder, { recursive: true, force: true })
    }
  },
}

interface DemoOptions {
  readonly rate: number
  readonly seconds: number
  readonly folder: string
  readonly listen: string
}

async function demo(options: DemoOptions, io: Io): Promise<number> {
  const log = join(options.folder, 'transactions.log')
  const given = io.env['LOKI_URL'] ? pushUrl(io.env['LOKI_URL']) : undefined
  const told = stopSignal(io, () => undefined)
  const stopWriting = writeLines(log, options.rate)
  try {
    const { service, store } = await startDemo(options, log, given, io)
    const places: DemoPlaces = {
      config: relative('.', packaged(CONFIG)),
      log,
      url: service.url ?? '',
      loki:
        given ?? (store === undefined ? NO_STORE : `${store.url} (embedded; set LOKI_URL to use another)`),
      queries: store === undefined ? [] : queriesFor(store.url, io),
    }
    const stopShowing = show(service, places, io)
    await Promise.race([told, ...(options.seconds > 0 ? [after(options.seconds * 1000)] : [])])
    stopWriting()
    await service.stop()
    stopShowing()
  } finally {
    stopWriting()
  }
  return EXIT.ok
}

// Another process may take the port between the look for a free one and listening on it: then the next one is tried.
async function startDemo(
  options: DemoOptions,
  log: string,
  given: string | undefined,
  io: Io,
  anyPort = false,
): Promise<{ service: Service; store: DemoStore | undefined }> {
  const store = given === undefined ? await demoStore(anyPort) : undefined
  const loki = given ?? (store === undefined ? undefined : pushUrl(store.url))
  const env = {
    ...io.env,
    TRANSACTIONS_LOG: log,
    APPLICATION_LOG: join(options.folder, 'application.log'),
    ...(loki === undefined ? {} : { LOKI_URL: loki }),
  }
  try {
    const service = await startService(
      {
        path: packaged(CONFIG),
        listen: options.listen,
        storagePath: join(options.folder, anyPort ? 'data-2' : 'data'),
        stability: 'generally-available',
        substitutes: loki === undefined ? withoutLoki() : [],
        more: store === undefined ? [] : [store.config],
      },
      { ...io, env },
      true,
    )
    return { service, store }
  } catch (error) {
    const taken = error instanceof LogstreamError && error.code === 'LISTEN' && store !== undefined
    if (!taken || anyPort || !error.message.includes(new URL(store.url).port)) throw error
    return await startDemo(options, log, given, io, true)
  }
}

const NO_STORE = `none: for the embedded one, ${databaseInstall()}; or set LOKI_URL=http://host:3100`

// Commands that the demo suggests.
function queriesFor(url: string, io: Io): string[] {
  const at = url === 'http://127.0.0.1:3100' ? '' : ` --url ${url}`
  const command = ownCommand({
    script: process.argv[1] ?? 'logstream',
    env: io.env,
    cwd: process.cwd(),
    packageName: PACKAGE_NAME,
  })
  return [
    `'{job="template-job", status="FAILED"}' --limit 5`,
    `'{job="template-job", parse_status="failed"}' --limit 5`,
    `'sum by (parse_status) (count_over_time({job="template-job"}[5m]))'`,
  ].map((query) => `${command} query${at} ${query}`)
}

function withoutLoki(): readonly ComponentDefinition[] {
  const write = components.get('loki.write')
  return write === undefined ? [] : [countingSink(write)]
}

/** The path of a file of this package, wherever it is installed. */
function packaged(path: string): string {
  for (let at = dirname(fileURLToPath(import.meta.url)); dirname(at) !== at; at = dirname(at))
    if (existsSync(join(at, path))) return join(at, path)
  throw new LogstreamError('IO', `${path} is missing from this installation: install logstream again`)
}

function writeLines(file: string, rate: number): () => void {
  const next = transactionSource({ seed: Date.now(), badShare: 0.03 })
  const out = createWriteStream(file, { flags: 'a' })
  const began = Date.now()
  let written = 0
  const timer = setInterval(() => {
    const due = Math.floor(((Date.now() - began) * rate) / 1000)
    let text = ''
    for (; written < due; written++) text += `${next(Date.now())}\n`
    out.write(text)
  }, 50)
  return () => {
    clearInterval(timer)
    out.end()
  }
}

function show(service: Service, places: DemoPlaces, io: Io): () => void {
  const began = Date.now()
  const tally = { parsed: 0, failed: 0, lastFailure: '' }
  const unwatch = service.supervisor.watch(SINK, (batch) => count(batch.peek(), tally))
  let before = 0
  let at = began
  let drawn = 0
  const figures = (): DemoFigures => {
    const { ledger } = service.supervisor
    const now = Date.now()
    const perSecond = ((ledger.read - before) * 1000) / Math.max(1, now - at)
    before = ledger.read
    at = now
    const delivered = ledger.total('delivered')
    return {
      ...tally,
      seconds: Math.round((now - began) / 1000),
      read: ledger.read,
      delivered,
      inFlight: ledger.inFlight,
      perSecond,
    }
  }
  const draw = (): void => {
    if (io.stdout.isTTY !== true) return void io.stdout.write(`${demoLine(figures())}\n`)
    const block = demoBlock(figures(), places, io.stdout.columns ?? 80, mayColour(io))
    io.stdout.write(`${drawn > 0 ? `\u001b[${drawn}A\u001b[J` : ''}${block}`)
    drawn = block.split('\n').length - 1
  }
  if (io.stdout.isTTY !== true) io.stdout.write(demoBlock(figures(), places, 100, false))
  const timer = setInterval(draw, io.stdout.isTTY === true ? 500 : 2000)
  draw()
  return () => {
    clearInterval(timer)
    unwatch()
    draw()
  }
}

function count(
  entries: readonly Entry[],
  tally: { parsed: number; failed: number; lastFailure: string },
): void {
  for (const entry of entries) {
    if (entry.labels.get('parse_status') === 'success') tally.parsed++
    else {
      tally.failed++
      tally.lastFailure = entry.line
    }
  }
}

function after(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms))
}
