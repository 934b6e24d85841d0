/**
 * Version 0.1.0 noted in a file `cursor` how far it had sent its oldest file. Now each file says so itself; what a
 * cursor says is written into the file that it names, so that it can't be taken for another of that name.
 */
import { open, readFile, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { markTaken, scanFile, type RecordPlace, type Scan } from './spool-format.ts'

const CURSOR = 'cursor'
const TEXT = /^(\d{10}\.spool) (\d+)\n$/

export interface Cursor {
  readonly file: string
  /** Up to where that file has been sent. */
  readonly end: number
}

/** The cursor of a folder; `undefined` for a folder without one. */
export async function readCursor(folder: string): Promise<Cursor | undefined> {
  const text = await readFile(join(folder, CURSOR), 'utf8').catch(() => '')
  const [, file, end] = TEXT.exec(text) ?? []
  return file === undefined ? undefined : { file, end: Number(end) }
}

/** The records of the file that a cursor names which have been sent. */
// A cursor that doesn't point between two records was meant for another file of that name, long sent and gone.
export function sentBefore({ end }: Cursor, scan: Scan): readonly RecordPlace[] {
  if (scan.kind !== 'read' || scan.version !== 1) return []
  if (!scan.places.some(({ at, size }) => at + size === end)) return []
  return scan.places.filter(({ at }) => at < end)
}

/** Marks the records that the cursor of `folder` says have been sent, and removes it. Does nothing without one. */
export async function applyCursor(folder: string): Promise<void> {
  const cursor = await readCursor(folder)
  try {
    if (cursor !== undefined) await mark(join(folder, cursor.file), cursor)
    await rm(join(folder, CURSOR), { force: true })
  } catch {
    // The disk takes no change: what the cursor spares is sent a second time.
  }
}

async function mark(path: string, cursor: Cursor): Promise<void> {
  const scan = await scanFile(path).catch(() => undefined)
  const sent = scan === undefined ? [] : sentBefore(cursor, scan)
  if (sent.length === 0) return
  const file = await open(path, 'r+')
  try {
    for (const { at, taken } of sent) if (!taken) await markTaken(file, at)
  } finally {
    await file.close()
  }
}
