/** The text a command works on: a file, or standard input for `-`. */
import { readFileSync, statSync } from 'node:fs'
import { text as readAll } from 'node:stream/consumers'
import { LogstreamError, reasonOf } from '../errors.ts'
import type { Io } from './io.ts'
import { showProgress, stdinFigures } from './progress.ts'

/** Throws IO with what is wrong with the file. */
export async function readFileOrStdin(file: string, io: Io): Promise<string> {
  if (file === '-') {
    const progress = showProgress(io, () => stdinFigures(io))
    return await readAll(io.stdin).finally(() => progress.stop())
  }
  try {
    if (statSync(file).isDirectory()) throw new LogstreamError('IO', `${file} is a folder: name a file`)
    return readFileSync(file, 'utf8')
  } catch (error) {
    if (error instanceof LogstreamError) throw error
    throw new LogstreamError('IO', `cannot read ${file}: ${reasonOf(error)}`, { cause: error })
  }
}
