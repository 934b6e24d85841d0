/** `logstream store verify`, `compact`, `backup`, `restore`, `export`: what is done with a store's folder. */
import { resolve } from 'node:path'
import { readdir } from 'node:fs/promises'
import { codeOf } from '../disk/atomic.ts'
import { LogstreamError } from '../errors.ts'
import { checkStore } from '../store/check-store.ts'
import { backUp } from '../store/sealed/backup.ts'
import { plural } from '../formats/plural.ts'
import { readArgs, type Args } from './args.ts'
import type { Flag, Flags } from './command.ts'
import { EXIT, type Io } from './io.ts'
import { exportStore } from './store-export.ts'
import { sealStore, withStore } from './store-folder.ts'

const MIB = 1024 ** 2
const TOOLS_GROUP = 'Flags of backup and export:'

export const PATH_FLAG: Flag = {
  value: 'DIR',
  takes: 'folder',
  doc: 'folder of the data (data-logstream/store)',
}

/** What the tools take besides --path. */
export const TOOL_FLAGS: Flags = {
  url: {
    value: 'URL',
    group: TOOLS_GROUP,
    doc: 'a running store (http://127.0.0.1:3100); else no process may use the folder',
  },
  query: {
    value: 'LOGQL',
    group: TOOLS_GROUP,
    doc: 'export: only what this query of lines finds, as it was stored',
  },
  from: {
    value: 'TIME',
    group: TOOLS_GROUP,
    doc: 'export: from this time on, RFC 3339 or seconds since 1970',
  },
  to: { value: 'TIME', group: TOOLS_GROUP, doc: 'export: before this time' },
  output: {
    value: 'FORMAT',
    takes: ['jsonl', 'push', 'parquet'],
    group: TOOLS_GROUP,
    doc: 'export: jsonl: an object a line; push: bodies for /loki/api/v1/push, one a line; parquet: files with time, labels, metadata, line (jsonl)',
  },
}

interface Tool {
  /** Flags beyond --path; each takes a value. */
  readonly flags: readonly string[]
  readonly run: (path: string, given: Args, io: Io) => Promise<number>
}

const TOOLS: Readonly<Record<string, Tool>> = {
  verify: { flags: [], run: verify },
  compact: { flags: [], run: compact },
  backup: { flags: ['url'], run: backup },
  restore: { flags: [], run: restore },
  export: { flags: ['url', 'query', 'from', 'to', 'output'], run: exportStore },
}

/** Runs one of the tools, if the first argument names one; else returns `undefined`. */
export async function runStoreTool(args: readonly string[], io: Io): Promise<number | undefined> {
  const [name = ''] = args
  const tool = Object.hasOwn(TOOLS, name) ? TOOLS[name] : undefined
  if (tool === undefined) return undefined
  const flags = Object.fromEntries(tool.flags.map((flag) => [flag, TOOL_FLAGS[flag]!]))
  const given = readArgs('store', args.slice(1), { path: PATH_FLAG, ...flags })
  return await tool.run(resolve(given.text('path') ?? 'data-logstream/store'), given, io)
}

async function verify(path: string, { words }: Args, io: Io): Promise<number> {
  if (words.length > 0)
    throw new LogstreamError('BAD_USAGE', `unexpected "${words[0]}". See: logstream store --help`)
  return await checkAll(path, io)
}

async function checkAll(path: string, io: Io): Promise<number> {
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
    io.stdout.write(
      `${plural(files, 'file')}, ${plural(entries, 'entry', 'entries')}, ${plural(damaged, 'file')} damaged\n`,
    )
    const { files: all } = store.database
    const absent = all.manifest.parts.filter((part) => all.isAbsent(part)).length
    if (absent > 0) io.stdout.write(`${plural(absent, 'file')} only in the bucket, not read\n`)
    return damaged === 0 ? EXIT.ok : EXIT.lost
  })
}

async function compact(path: string, { words }: Args, io: Io): Promise<number> {
  if (words.length > 0)
    throw new LogstreamError('BAD_USAGE', `unexpected "${words[0]}". See: logstream store --help`)
  return await withStore(path, io, async (store) => {
    const before = store.database.files.manifest.parts.length
    await store.upkeep.sealNow()
    await store.upkeep.compact(BigInt(Date.now()) * 1_000_000n)
    await store.database.files.settled()
    const { parts } = store.database.files.manifest
    const bytes = parts.reduce((sum, part) => sum + part.bytes + part.indexBytes, 0)
    io.stdout.write(
      `${plural(before, 'sealed file')} became ${parts.length}, ${(bytes / MIB).toFixed(1)} MiB\n`,
    )
    return EXIT.ok
  })
}

async function backup(path: string, given: Args, io: Io): Promise<number> {
  const target = oneFolder('backup', 'to copy to', given)
  const url = given.text('url')
  await (url === undefined ? withStore(path, io, (store) => store.upkeep.sealNow()) : sealStore(url))
  await copyStore(path, target, io)
  return EXIT.ok
}

/** Copies a backup to `path`, where there must be no store yet, and reads the copy. */
async function restore(path: string, given: Args, io: Io): Promise<number> {
  const source = oneFolder('restore', 'that backup has filled', given)
  const found = await readdir(path).catch((error: unknown) => {
    if (codeOf(error) === 'ENOENT') return []
    throw error
  })
  if (found.length > 0)
    throw new LogstreamError(
      'IO',
      `"${path}" isn't empty: move the store that is there away, or give another --path`,
    )
  await copyStore(source, path, io)
  return await checkAll(path, io)
}

function oneFolder(name: string, what: string, { words }: Args): string {
  const [folder] = words
  if (folder !== undefined && words.length === 1) return resolve(folder)
  throw new LogstreamError('BAD_USAGE', `store ${name} takes one DIR ${what}. See: logstream store --help`)
}

async function copyStore(from: string, to: string, io: Io): Promise<void> {
  const { files, copied, bytes, entries } = await backUp(from, to, Date.now())
  io.stdout.write(
    `${plural(entries, 'entry', 'entries')} in ${plural(files, 'file')}, ${(bytes / MIB).toFixed(1)} MiB; ${copied} of them new\n`,
  )
}
