/** Begins a store on an empty disk with what its bucket lists: streams, indexes and lists now, Parquet files when they are read. */
import { mkdir, readdir } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { randomUUID } from 'node:crypto'
import { syncFolder } from '../../disk/sync-folder.ts'
import { LogstreamError } from '../../errors.ts'
import type { Clock } from '../../flow/clock.ts'
import type { Logger } from '../../telemetry/log.ts'
import {
  FIRST_HOT,
  newHotFile,
  readManifest,
  writeManifest,
  type Manifest,
  type StoredPart,
} from '../sealed/manifest.ts'
import { writeLists } from '../sealed/lists.ts'
import { indexFile } from '../sealed/store-files.ts'
import { readDays, readRoot, ROOT, rootText, type Found, type ListedPart, type Root } from './catalog.ts'
import { inTurns } from './in-turns.ts'
import type { ObjectStore } from './object-store.ts'

export interface RestoreOptions {
  readonly folder: string
  readonly objects: ObjectStore
  readonly clock: Clock
  readonly log: Logger
  readonly signal: AbortSignal
}

/**
 * Fills a locked folder from the bucket if it holds no store and the bucket does, and makes it the one that writes there.
 * Throws IO when the bucket can't be read, since an empty store would answer queries with nothing.
 */
export async function restore(options: RestoreOptions): Promise<void> {
  const { folder, objects, clock, log, signal } = options
  if (!(await isEmpty(folder))) return
  const found = await readRoot(objects, signal)
  if (found === undefined) return
  const root = await takeOver(objects, found, signal)
  // After that the one before can't change them.
  const days = await readDays(objects, signal)
  const parts = [...days.values()].flatMap(({ value }) => value.parts)
  await downloadAll(options, root, parts)
  await writeLists(folder, root.lists)
  await writeManifest(folder, manifestOf(root, parts, clock.now()))
  log.info('the store begins with what is in its bucket', {
    bucket: objects.title,
    files: parts.length,
    entries: parts.reduce((sum, { rows }) => sum + rows, 0),
  })
}

async function isEmpty(folder: string): Promise<boolean> {
  if ((await readManifest(folder)) !== undefined) return false
  // A store that has sealed nothing has no manifest yet.
  return !(await readdir(folder)).includes(FIRST_HOT)
}

async function takeOver(objects: ObjectStore, found: Found<Root>, signal: AbortSignal): Promise<Root> {
  const root = { ...found.value, writer: randomUUID(), generation: found.value.generation + 1 }
  const condition = found.etag === undefined ? {} : { ifMatch: found.etag }
  if ((await objects.write(ROOT, rootText(root), condition, signal)) === 'changed')
    throw new LogstreamError(
      'IO',
      `another store writes to ${objects.title}: give each store a prefix of its own`,
    )
  return root
}

async function downloadAll(
  { folder, objects, signal }: RestoreOptions,
  { streams }: Root,
  parts: readonly ListedPart[],
): Promise<void> {
  if (streams !== undefined) await objects.download(streams, join(folder, streams.file), signal)
  const folders = new Set(parts.map(({ file }) => dirname(join(folder, file))))
  for (const each of folders) await mkdir(each, { recursive: true })
  await inTurns(parts, (part) => objects.download(part.stored.index, join(folder, indexFile(part)), signal))
  for (const each of [...folders, folder]) await syncFolder(each)
}

function manifestOf(root: Root, listed: readonly ListedPart[], now: number): Manifest {
  const number = Math.max(root.nextFile, ...listed.map((part) => part.number + 1))
  const places: Record<string, StoredPart> = {}
  const parts = listed.map(({ stored, ...part }) => {
    places[part.number] = stored
    return part
  })
  return {
    nextFile: number + 1,
    nextStream: root.nextStream,
    hot: [newHotFile(number, now)],
    streams: root.streams?.file ?? '',
    parts: parts.sort((a, b) => a.number - b.number),
    obsolete: [],
    bucket: {
      writer: root.writer,
      generation: root.generation,
      stored: places,
    },
  }
}
