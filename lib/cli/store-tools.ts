/** `logstream store verify`, `compact` and `backup`: what is done with a store's folder rather than with its logs. */
import { resolve } from 'node:path'
import { LogstreamError, messageOf } from '../errors.ts'
import { checkStore } from '../store/check-store.ts'
import { DEFAULT_LIMITS } from '../store/limits.ts'
import { backUp } from '../store/sealed/backup.ts'
import { LogStore } from '../store/store.ts'
import { createLogger } from '../telemetry/log.ts'
import { readArgs } from './args.ts'
import { EXIT, type Io } from './io.ts'

const MIB = 1024 ** 2
const FLAGS = { path: { type: 'string' }, url: { type: 'string' } } as const

interface Given {
  readonly path: string
  readonly url: string | undefined
  readonly words: readonly string[]
}

type Tool = (given: Given, io: Io) => Promise<number>

const TOOLS: Readonly<Record<string, Tool>> = { verify, compact, backup }

/** Runs one of the tools, if the first argument names one; else returns `undefined`. */
export async function runStoreTool(args: readonly string[], io: Io): Promise<number | undefined> {
  const [name = ''] = args
  const tool = Object.hasOwn(TOOLS, name) ? TOOLS[name] : undefined
  if (tool === undefined) return undefined
  const given = readArgs('store', args.slice(1), FLAGS)
  const path = resolve(given.text('path') ?? 'data-logstream/store')
  return await tool({ path, url: given.text('url'), words: given.words }, io)
}

async function verify({ path, words }: Given, io: Io): Promise<number> {
  if (words.length > 0)
    throw new LogstreamError('BAD_USAGE', `unexpected "${words[0]}". See: logstream store --help`)
  return await withStore(path, io, async (store) => {
    let files = 0
    let entries = 0
    let damaged = 0
    for await (const each of checkStore(store)) {
      files++
      entries += each.entries
      if (each.problem === undefined) continue
      damaged++
      io.stdout.write(`${each.file}: ${each.problem}\n`)
    }
    io.stdout.write(`${files} files, ${entries} entries, ${damaged} files damaged\n`)
    return damaged === 0 ? EXIT.ok : EXIT.lost
  })
}

async function compact({ path, words }: Given, io: Io): Promise<number> {
  if (words.length > 0)
    throw new LogstreamError('BAD_USAGE', `unexpected "${words[0]}". See: logstream store --help`)
  return await withStore(path, io, async (store) => {
    const before = store.database.files.manifest.parts.length
    await store.upkeep.sealNow()
    await store.upkeep.compact(BigInt(Date.now()) * 1_000_000n)
    await store.database.files.settled()
    const { parts } = store.database.files.manifest
    const bytes = parts.reduce((sum, part) => sum + part.bytes + part.indexBytes, 0)
    io.stdout.write(`${before} sealed files became ${parts.length}, ${(bytes / MIB).toFixed(1)} MiB\n`)
    return EXIT.ok
  })
}

async function backup({ path, url, words }: Given, io: Io): Promise<number> {
  const [target] = words
  if (target === undefined || words.length > 1)
    throw new LogstreamError(
      'BAD_USAGE',
      'store backup takes one DIR to copy to. See: logstream store --help',
    )
  if (url === undefined) await withStore(path, io, (store) => store.upkeep.sealNow())
  else await seal(url)
  const { files, copied, bytes, entries } = await backUp(path, resolve(target), Date.now())
  io.stdout.write(
    `${entries} entries in ${files} files, ${(bytes / MIB).toFixed(1)} MiB; ${copied} of them were new\n`,
  )
  return EXIT.ok
}

// A running store seals what it has when it's asked to.
async function seal(url: string): Promise<void> {
  const address = `${url.replace(/\/+$/, '')}/flush`
  try {
    const { status } = await fetch(address, { method: 'POST' })
    if (status === 204) return
    throw new Error(`it answered ${status}`)
  } catch (error) {
    throw new LogstreamError(
      'IO',
      `the store at ${address} could not be asked to seal: ${messageOf(error)}`,
      {
        cause: error,
      },
    )
  }
}

async function withStore<T>(path: string, io: Io, run: (store: LogStore) => Promise<T>): Promise<T> {
  const log = createLogger({ level: 'warn', format: 'logfmt' }, (line) => io.stderr.write(`${line}\n`))
  const options = {
    path,
    retention: 0,
    retentionStreams: [],
    maxSize: 0,
    deletionMode: 'filter-only' as const,
    deleteRequestCancelPeriod: 0,
    discoverServiceName: [],
    discoverLogLevels: false,
    limits: DEFAULT_LIMITS,
    threads: 2,
    maxMemory: 512 * MIB,
  }
  // Without timers, so that nothing happens by itself meanwhile.
  const clock = { now: () => Date.now(), after: () => ({ cancel: () => {} }) }
  const store = await LogStore.open(options, clock, log)
  try {
    return await run(store)
  } finally {
    await store.close()
  }
}
