/**
 * Where the content of a path went: rotated files are found by inode, copies by their bytes, and files that came and
 * went between two polls by their names and birth.
 */
import type { BigIntStats } from 'node:fs'
import { readdir, stat } from 'node:fs/promises'
import { basename, dirname, extname, join } from 'node:path'
import type { GenerationPosition } from '../../disk/positions-format.ts'
import { birthMs, holdsPosition, identityOf, isReborn, SLACK_MS } from './generation.ts'
import { OpenFile } from './open-file.ts'

export interface Sibling {
  readonly path: string
  readonly stats: BigIntStats
}

/** A content of the past, open for reading. */
export interface Located extends Sibling {
  readonly handle: OpenFile
}

/** How many files of a folder are examined at once. */
const AT_ONCE = 64
const MAX_LISTINGS = 5

/**
 * Whether `name` is what log rotation makes of `base`: a number or date (or `.old`, `.bak`, `.prev`) after it or
 * before its extension. Compressed files are not.
 */
export function isRotationName(base: string, name: string): boolean {
  const extension = extname(base)
  const stem = base.slice(0, base.length - extension.length)
  if (name.startsWith(base) && isSuffix(name.slice(base.length))) return true
  const between = name.length - stem.length - extension.length
  return (
    extension !== '' &&
    between > 0 &&
    name.startsWith(stem) &&
    name.endsWith(extension) &&
    isSuffix(name.slice(stem.length, stem.length + between))
  )
}

/** The name that `name` is a rotation name of, itself if of none: `app.log` for `app.log.1` and `app-20260102.log`. */
export function rotationBase(name: string): string {
  const extension = extname(name)
  const stem = name.slice(0, name.length - extension.length)
  for (let i = 1; i < name.length; i++) {
    if (!'-._'.includes(name[i]!)) continue
    if (isSuffix(name.slice(i))) return name.slice(0, i)
    if (i < stem.length && isSuffix(stem.slice(i))) return stem.slice(0, i) + extension
  }
  return name
}

function isSuffix(text: string): boolean {
  return /^[-._][-._:TZ\d]*$/.test(text) ? /\d/.test(text) : ['.old', '.bak', '.prev'].includes(text)
}

/**
 * The plain files beside `path`, those only whose names come from its rotation unless `all`; it is left out itself.
 * While files are renamed a listing may miss one or show it twice, so it is repeated until the folder holds still.
 */
export async function siblings(path: string, all = false): Promise<Sibling[]> {
  const folder = dirname(path)
  const found = new Map<string, Sibling>()
  for (let attempt = 0; attempt < MAX_LISTINGS; attempt++) {
    const before = await changedAt(folder)
    for (const sibling of await listed(folder, basename(path), all))
      found.set(identityOf(sibling.stats), sibling)
    if (before === (await changedAt(folder))) break
  }
  return [...found.values()]
}

async function changedAt(folder: string): Promise<bigint | undefined> {
  return (await stat(folder, { bigint: true }).catch(() => undefined))?.mtimeNs
}

async function listed(folder: string, base: string, all: boolean): Promise<Sibling[]> {
  const names = await readdir(folder).catch((): string[] => [])
  const wanted = names.filter((name) => name !== base && (all || isRotationName(base, name)))
  const found: Sibling[] = []
  for (let i = 0; i < wanted.length; i += AT_ONCE) {
    const looks = wanted.slice(i, i + AT_ONCE).map(async (name): Promise<Sibling[]> => {
      const at = join(folder, name)
      const stats = await stat(at, { bigint: true }).catch(() => undefined)
      return stats?.isFile() === true ? [{ path: at, stats }] : []
    })
    for (const looked of await Promise.all(looks)) found.push(...looked)
  }
  return found
}

/**
 * Those born and written since `since` (see `GenerationPosition`) and not accounted for, oldest first: they stood
 * under the path without having been seen there.
 */
export function missedSince(
  among: readonly Sibling[],
  since: number,
  isAccounted: (sibling: Sibling) => boolean,
): Sibling[] {
  return among
    .filter((sibling) => bornMs(sibling.stats) + SLACK_MS >= since && !isAccounted(sibling))
    .sort((a, b) => bornMs(a.stats) - bornMs(b.stats) || byAge(a.path, b.path))
}

// Born in the same tick of the kernel's clock: of app.log.2 and app.log.1 the first is older, of dates the earlier.
function byAge(a: string, b: string): number {
  const [x, y] = [a, b].map((path) => /\.(\d{1,4})$/.exec(path)?.[1])
  if (x !== undefined && y !== undefined) return Number(y) - Number(x)
  return a < b ? -1 : 1
}

/** Milliseconds. Some file systems know no birth (0) or give the last rename for it; the last change bounds it. */
export function bornMs(stats: BigIntStats): number {
  const changed = Number(stats.mtimeNs) / 1e6
  const birth = birthMs(stats)
  return birth === 0 ? changed : Math.min(birth, changed)
}

/** Opens a sibling of `path`, by its new name if it was renamed since; `undefined` if it is gone or can't be read. */
export async function openSibling(path: string, sibling: Sibling): Promise<Located | undefined> {
  const identity = identityOf(sibling.stats)
  let at: Sibling | undefined = sibling
  for (let attempt = 0; at !== undefined && attempt < MAX_LISTINGS; attempt++) {
    const handle = await opened(at.path)
    if (handle !== undefined) {
      const stats = await handle.stats()
      if (identityOf(stats) === identity) return { path: at.path, handle, stats }
      await handle.close()
    }
    at = (await siblings(path, true)).find((other) => identityOf(other.stats) === identity)
  }
  return undefined
}

async function opened(path: string): Promise<OpenFile | undefined> {
  try {
    return await OpenFile.open(path)
  } catch {
    return undefined
  }
}

/** With this many bytes read, a file that has the same ones is a copy, whenever it was made. */
const TELLING_BYTES = 256

/** Opens the file of a position: the same inode under another name, else the newest copy of the same bytes. */
export async function locate(
  path: string,
  among: readonly Sibling[],
  position: GenerationPosition,
): Promise<Located | undefined> {
  const renamed = among.filter(
    ({ stats }) => String(stats.ino) === position.inode && !isReborn(position, stats),
  )
  const copies = among
    .filter(({ path: at }) => isRotationName(basename(path), basename(at)))
    .filter(({ stats }) => bornMs(stats) + SLACK_MS >= position.since || position.offset >= TELLING_BYTES)
    .sort((a, b) => bornMs(b.stats) - bornMs(a.stats))
  for (const candidate of position.offset === 0 && position.head === 0 ? renamed : [...renamed, ...copies]) {
    if (Number(candidate.stats.size) < position.offset) continue
    const located = await openSibling(path, candidate)
    if (located === undefined) continue
    if (await holdsPosition(located.handle, position).catch(() => false)) return located
    await located.handle.close()
  }
  return undefined
}

/** When the youngest of them was born, or `since` if that is later. */
export function newestBirth(among: readonly Sibling[], since: number): number {
  return among.reduce((latest, { stats }) => Math.max(latest, bornMs(stats)), since)
}
