/** What is in a folder that need not be there. */
import { readdir } from 'node:fs/promises'
import { codeOf } from './atomic.ts'

/** The names in a folder; none if it doesn't exist. Rejects with any other error: a folder that can't be read isn't an empty one. */
export async function namesIn(folder: string): Promise<string[]> {
  try {
    return await readdir(folder)
  } catch (error) {
    if (codeOf(error) === 'ENOENT' || codeOf(error) === 'ENOTDIR') return []
    throw error
  }
}
