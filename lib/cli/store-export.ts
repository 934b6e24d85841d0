/** `logstream store export`: writes what a store has for other programs, also while it runs. */
import { createWriteStream } from 'node:fs'
import { mkdir, rename } from 'node:fs/promises'
import { join, resolve } from 'node:path'
import type { Writable } from 'node:stream'
import { diskFailure } from '../disk/disk-failure.ts'
import { LogstreamError, messageOf } from '../errors.ts'
import { timeParameter } from '../logql/api/params.ts'
import { Budget, defaultLimits } from '../logql/engine/budget.ts'
import { passedLines } from '../logql/engine/log-query.ts'
import type { LogEntry } from '../logql/engine/querier.ts'
import type { LogExpression } from '../logql/syntax/ast.ts'
import { LogqlError } from '../logql/syntax/error.ts'
import { parseLogExpression } from '../logql/syntax/parse.ts'
import { ParquetExport } from '../store/parquet-export.ts'
import { copyByLinks, removeDeadCopies } from '../store/sealed/export-copy.ts'
import { storeQuerier } from '../store/select.ts'
import type { LogStore } from '../store/store.ts'
import type { Args } from './args.ts'
import { jsonLines, pushes, type TextOutput } from './export-output.ts'
import { EXIT, type Io } from './io.ts'
import { noProgress, showProgress, type Figures } from './progress.ts'
import { sealStore, withStore } from './store-folder.ts'
import { plural } from '../formats/plural.ts'

/** What takes the entries, and what the last message calls it. */
interface Sink {
  add(entry: LogEntry): Promise<void>
  end(): Promise<void>
}

interface Selection {
  readonly expression: LogExpression | undefined
  readonly start: bigint
  readonly end: bigint
}

const FORMATS = ['jsonl', 'push', 'parquet'] as const
/** Before and after all entries, in nanoseconds. */
const [FIRST, LAST] = [-(2n ** 63n), 2n ** 63n - 1n]

export async function exportStore(path: string, given: Args, io: Io): Promise<number> {
  const [target, ...others] = given.words
  if (others.length > 0)
    throw new LogstreamError('BAD_USAGE', 'store export takes at most one DIR. See: logstream store --help')
  const format = formatOf(given)
  if (format === 'parquet' && target === undefined)
    throw new LogstreamError('BAD_USAGE', '--output parquet needs a DIR to write to')
  const selection = selectionOf(given)
  const url = given.text('url')
  await (url === undefined ? withStore(path, io, (store) => store.upkeep.sealNow()) : sealStore(url))
  await removeDeadCopies(path, Date.now())
  const copy = await copyByLinks(path, Date.now())
  try {
    await withStore(copy.path, io, async (store) => {
      const folder = target === undefined ? undefined : resolve(target)
      if (folder !== undefined) await mkdir(folder, { recursive: true })
      const sink =
        format === 'parquet' ? new ParquetExport(store.database, folder!) : textSink(format, folder, io)
      // Entries on the same terminal are progress enough.
      const quiet = folder === undefined && io.stdout.isTTY === true
      await copyEntries(store, selection, sink, io, quiet)
    })
    return EXIT.ok
  } finally {
    await copy.remove()
  }
}

function formatOf(given: Args): (typeof FORMATS)[number] {
  const text = given.text('output') ?? 'jsonl'
  const found = FORMATS.find((format) => format === text)
  if (found !== undefined) return found
  throw new LogstreamError('BAD_USAGE', `--output must be one of ${FORMATS.join(', ')}, found "${text}"`)
}

function selectionOf(given: Args): Selection {
  const times = new Map<string, string>()
  for (const name of ['from', 'to']) times.set(name, given.text(name) ?? '')
  const query = given.text('query')
  try {
    return {
      expression: query === undefined ? undefined : parseLogExpression(query),
      start: timeParameter(times, 'from', FIRST),
      end: timeParameter(times, 'to', LAST),
    }
  } catch (error) {
    if (!(error instanceof LogqlError)) throw error
    throw new LogstreamError('BAD_USAGE', messageOf(error), { cause: error })
  }
}

async function copyEntries(
  store: LogStore,
  selection: Selection,
  sink: Sink,
  io: Io,
  quiet: boolean,
): Promise<void> {
  const stop = new AbortController()
  const release = io.onSignal(() => stop.abort(new LogstreamError('IO', 'the export was interrupted')))
  let [done, seconds] = [0, 0]
  const figures = (): Figures => ({
    done,
    total: totalOf(store, selection),
    unit: 'entries',
    note: done === 0 ? '' : `at ${new Date(seconds * 1000).toISOString().slice(0, 16)}Z`,
  })
  const progress = quiet ? noProgress(io) : showProgress(io, figures)
  try {
    for await (const entry of entriesOf(store, selection, stop.signal)) {
      await sink.add(entry)
      done++
      seconds = entry.seconds
    }
    await sink.end()
    progress.write(`${plural(done, 'entry', 'entries')}\n`)
  } finally {
    progress.stop()
    release()
  }
}

/** Known only where everything is exported. */
function totalOf(store: LogStore, { expression, start, end }: Selection): number | undefined {
  if (expression !== undefined || start !== FIRST || end !== LAST) return undefined
  return store.database.files.manifest.parts.reduce((sum, { rows }) => sum + rows, 0)
}

async function* entriesOf(
  store: LogStore,
  { expression = { kind: 'log', matchers: [], stages: [], start: 0, end: 0 }, start, end }: Selection,
  signal: AbortSignal,
): AsyncGenerator<LogEntry> {
  const limits = { ...defaultLimits, maxScannedLines: Infinity, maxScannedBytes: Infinity, timeout: Infinity }
  const request = { start, end, limit: Infinity, direction: 'forward' as const, interval: 0n, flags: [] }
  const budget = new Budget(limits, { signal })
  for await (const { entry } of passedLines(storeQuerier(store), expression, request, budget)) yield entry
}

/** Text to standard output, or into one file of a folder, which gets its name when it's whole. */
function textSink(format: 'jsonl' | 'push', folder: string | undefined, io: Io): Sink {
  const output: TextOutput = format === 'jsonl' ? jsonLines() : pushes()
  const path =
    folder === undefined ? undefined : join(folder, `logs.${format === 'jsonl' ? 'jsonl' : 'push.jsonl'}`)
  const stream = path === undefined ? io.stdout : createWriteStream(`${path}.tmp`, { flush: true })
  let text = ''
  const flush = async (): Promise<void> => {
    if (text === '') return
    const written = text
    text = ''
    await write(stream, written).catch((error: unknown) => {
      if (path === undefined) throw error
      throw new LogstreamError('IO', `cannot write "${path}": ${diskFailure(error)}`, { cause: error })
    })
  }
  return {
    add: async (entry) => {
      text += output.entry(entry)
      if (text.length >= WRITE_LETTERS) await flush()
    },
    end: async () => {
      text += output.end()
      await flush()
      if (path === undefined) return
      await new Promise<void>((accept, refuse) => {
        stream.once('error', refuse)
        stream.end(accept)
      })
      await rename(`${path}.tmp`, path)
    },
  }
}

const WRITE_LETTERS = 256 * 1024

function write(stream: Writable, text: string): Promise<void> {
  return new Promise((accept, refuse) => {
    stream.write(text, (error) => (error ? refuse(error) : accept()))
  })
}
