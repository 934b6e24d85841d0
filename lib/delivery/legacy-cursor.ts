/**
 * Version 0.1.0 noted in a file `cursor` how far it had sent its oldest file. Now each file says so itself; what a
 * cursor says is written into the file that it names, so that it can't be taken for another of that name.
 */
import { open, readFile, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { markTaken, scanFile } from './spool-format.ts'

const CURSOR = 'cursor'
const TEXT = /^(\d{10}\.spool) (\d+)\n$/

/** Marks the records that the cursor of `folder` says have been sent, and removes it. Does nothing without one. */
export async function applyCursor(folder: string): Promise<void> {
  const path = join(folder, CURSOR)
  const text = await readFile(path, 'utf8').catch(() => undefined)
  if (text === undefined) return
  const [, name, at] = TEXT.exec(text) ?? []
  try {
    if (name !== undefined) await markUpTo(join(folder, name), Number(at))
    await rm(path)
  } catch {
    // The disk takes no change: what the cursor spares is sent a second time.
  }
}

// A cursor that doesn't point between two records was meant for another file of that name, long sent and gone.
async function markUpTo(path: string, end: number): Promise<void> {
  const scan = await scanFile(path).catch(() => undefined)
  if (scan?.kind !== 'read' || scan.version !== 1) return
  if (!scan.places.some(({ at, size }) => at + size === end)) return
  const file = await open(path, 'r+')
  try {
    for (const { at, taken } of scan.places) if (at < end && !taken) await markTaken(file, at)
  } finally {
    await file.close()
  }
}
