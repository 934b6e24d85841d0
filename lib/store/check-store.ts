/** Reads everything that a store has, to see whether it still is what was written. */
import { readdir, stat } from 'node:fs/promises'
import { join } from 'node:path'
import { messageOf } from '../errors.ts'
import { hotName } from './database.ts'
import { isWhole } from './sealed/verify.ts'
import { indexFile, PARQUET } from './sealed/store-files.ts'
import type { LogStore } from './store.ts'
import { plural } from '../formats/plural.ts'

export interface CheckedFile {
  /** Below the store's folder. */
  readonly file: string
  readonly entries: number
  /** What is wrong with it; `undefined` if nothing is. */
  readonly problem: string | undefined
}

/** Looks at one file after the other, of those on the disk. Nothing is changed. */
export async function* checkStore(store: LogStore): AsyncGenerator<CheckedFile> {
  const { database, partIndexes } = store
  const { hot, parts } = database.files.manifest
  for (const file of await setAside(database.path))
    yield {
      file,
      entries: 0,
      problem: 'it was damaged and set aside: delete it, or put a copy of the store back',
    }
  const here = parts.filter((part) => !database.files.isAbsent(part))
  for (const part of here) {
    let problem: string | undefined
    if (!(await isWhole(database, part)))
      problem = `it isn't what was written, ${plural(part.rows, 'entry', 'entries')}: queries may answer wrongly or set it aside`
    else if ((await partIndexes.of(part)) === undefined)
      problem = `its index ${indexFile(part)} can't be read`
    yield { file: part.file, entries: part.rows, problem }
  }
  for (const each of hot) {
    const sql = `SELECT count(*), sum(strlen(line) + strlen(metadata)), max(ts), max(stream_id) FROM ${hotName(each)}.entries`
    try {
      const rows = await database.use(async (connection) => (await connection.runAndReadAll(sql)).getRows())
      yield { file: each.file, entries: Number(rows[0]![0]), problem: undefined }
    } catch (error) {
      yield { file: each.file, entries: 0, problem: messageOf(error) }
    }
  }
  for (const file of new Set(here.flatMap(({ long }) => long))) {
    const size = await stat(join(database.path, 'long', file)).catch((error: unknown) => messageOf(error))
    yield { file: `long/${file}`, entries: 0, problem: typeof size === 'string' ? size : undefined }
  }
}

async function setAside(folder: string): Promise<string[]> {
  const names = await readdir(join(folder, PARQUET), { recursive: true }).catch(() => [])
  return names
    .filter((name) => name.endsWith('.damaged'))
    .map((name) => `${PARQUET}/${name.replaceAll('\\', '/')}`)
}
