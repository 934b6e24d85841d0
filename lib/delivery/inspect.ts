/** Looks into the spools and dead letters under a storage path, without changing them; a service may be running. */
import { open, readdir, readFile } from 'node:fs/promises'
import { basename, dirname, join, relative } from 'node:path'
import { writeAtomic } from '../disk/atomic.ts'
import { DEAD_LETTERS, LETTER_FORMAT, letterFiles, type DeadLetter } from './dead-letters.ts'
import { readCursor, sentBefore } from './legacy-cursor.ts'
import { fileNumber } from './spool-file.ts'
import { destinationFolders, titleOf } from './spool-folders.ts'
import { readRecord, scanFile } from './spool-format.ts'
import { SPOOL } from './disk.ts'

/** A file of a spool, as it is now. */
export interface SpoolFileReport {
  readonly path: string
  /** Entries that wait to be sent. */
  readonly entries: number
  readonly bytes: number
  /** Unix milliseconds of the oldest batch that waits; `undefined` without one. */
  readonly oldest: number | undefined
  /** What is wrong with it; '' when nothing is. */
  readonly fault: string
  /** Entries known to be lost. */
  readonly lost: number
}

/** The spool of one destination. */
export interface SpoolReport {
  /** The component's id. */
  readonly component: string
  readonly destination: string
  readonly files: readonly SpoolFileReport[]
}

/** The dead letters of one component. */
export interface LettersReport {
  readonly component: string
  readonly folder: string
  readonly files: readonly string[]
}

/** A dead letter and the file that it is in. */
export interface FiledLetter {
  readonly file: string
  /** Where its line ends in the file. */
  readonly end: number
  readonly letter: DeadLetter
  /** `dlq replay` has sent it. */
  readonly replayed: boolean
}

/** Deeper than any module path that names a component's folder. */
const DEEPEST = 8
const REPLAYED = 'replayed'

/** The spools under `root`. `verify` reads every record and checks its sum. */
export async function spoolsUnder(root: string, verify: boolean): Promise<SpoolReport[]> {
  const reports: SpoolReport[] = []
  for (const folder of await componentFolders(root, (name) => /^spool(?:-\d+)?$/.test(name)))
    for await (const each of destinationFolders(join(folder, SPOOL))) {
      const names = (await readdir(each)).filter(
        (name) => fileNumber(name.replace(/\.damaged$/, '')) !== undefined,
      )
      const files: SpoolFileReport[] = []
      for (const name of names.sort()) files.push(await reportOf(join(each, name), verify))
      if (files.length > 0)
        reports.push({ component: relative(root, folder), destination: await titleOf(each), files })
    }
  return reports
}

/** The dead letters under `root`. */
export async function lettersUnder(root: string): Promise<LettersReport[]> {
  const reports: LettersReport[] = []
  for (const component of await componentFolders(root, (name) => name === DEAD_LETTERS)) {
    const folder = join(component, DEAD_LETTERS)
    const files = await letterFiles(folder)
    if (files.length > 0) reports.push({ component: relative(root, component), folder, files })
  }
  return reports
}

/** The letters of a file, in order. Throws for one in a newer format; skips lines that aren't letters. */
export async function* lettersIn(path: string): AsyncGenerator<FiledLetter> {
  const upTo = (await replayedUpTo(dirname(path))).get(basename(path)) ?? 0
  let end = 0
  for (const line of (await readFile(path)).toString('latin1').split('\n')) {
    end += line.length + 1
    const letter = parseLetter(Buffer.from(line, 'latin1').toString())
    if (letter === undefined) continue
    if ((letter.format ?? 1) > LETTER_FORMAT)
      throw new Error(
        `${path} has letters in format ${letter.format}, written by a newer logstream: use that one`,
      )
    yield { file: path, end, letter, replayed: end <= upTo }
  }
}

/** Notes that a file was sent up to byte `end`. */
export async function noteReplayed(path: string, end: number): Promise<void> {
  const folder = dirname(path)
  const all = await replayedUpTo(folder)
  all.set(basename(path), end)
  const lines = [...all].map(([name, at]) => `${name} ${at}\n`).join('')
  await writeAtomic(join(folder, REPLAYED), `logstream replayed 1\n${lines}`)
}

/** Up to which byte each file of a folder was sent, by name. */
export async function replayedUpTo(folder: string): Promise<Map<string, number>> {
  const text = await readFile(join(folder, REPLAYED), 'utf8').catch(() => '')
  const [first = '', ...lines] = text.split('\n')
  if (first !== '' && first !== 'logstream replayed 1')
    throw new Error(`${join(folder, REPLAYED)}: expected "logstream replayed 1", found "${first}"`)
  return new Map(
    lines
      .map((line) => line.split(' '))
      .filter((parts) => parts.length === 2)
      .map(([name, end]) => [name!, Number(end)]),
  )
}

function parseLetter(line: string): DeadLetter | undefined {
  try {
    const letter = JSON.parse(line) as Partial<DeadLetter> | null
    return typeof letter?.line === 'string' && typeof letter.timestamp === 'string'
      ? (letter as DeadLetter)
      : undefined
  } catch {
    return undefined
  }
}

async function reportOf(path: string, verify: boolean): Promise<SpoolFileReport> {
  const scan = await scanFile(path)
  const report = { path, entries: 0, bytes: 0, oldest: undefined, fault: '', lost: 0 }
  if (scan.kind === 'newer') return { ...report, fault: `format ${scan.version} of a newer logstream` }
  const cursor = await readCursor(dirname(path))
  const sent = cursor?.file === basename(path) ? sentBefore(cursor, scan) : []
  const waiting = scan.places.filter((place) => !place.taken && !sent.includes(place))
  let { entries: lost, what: fault } = scan.damage ?? { entries: 0, what: '' }
  if (verify) {
    const file = await open(path, 'r')
    for (const place of waiting)
      if ((await readRecord(file, place)) === undefined) {
        fault ||= `the record at byte ${place.at} fails its checksum`
        lost += place.entries
      }
    await file.close()
  }
  return {
    path,
    entries: waiting.reduce((sum, { entries }) => sum + entries, 0),
    bytes: scan.size,
    oldest: waiting.length === 0 ? undefined : Math.min(...waiting.map(({ bornAt }) => bornAt)),
    fault: path.endsWith('.damaged') ? `${fault || 'a record fails its checksum'} (set aside)` : fault,
    lost,
  }
}

// Folders of components that have a folder of the wanted name: a component in a module is in folders of folders.
async function componentFolders(
  root: string,
  wanted: (name: string) => boolean,
  depth = DEEPEST,
): Promise<string[]> {
  const entries = await readdir(root, { withFileTypes: true }).catch(() => [])
  const folders = entries.filter((each) => each.isDirectory()).map(({ name }) => name)
  const found = folders.some(wanted) ? [root] : []
  if (depth > 0)
    for (const name of folders) found.push(...(await componentFolders(join(root, name), wanted, depth - 1)))
  return found
}
