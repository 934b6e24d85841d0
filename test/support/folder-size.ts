/** The size of a folder while something writes into it. */
import { readdir, stat } from 'node:fs/promises'
import { join } from 'node:path'

/** Bytes of all files below a folder; what goes away while it's read doesn't count. */
export async function folderSize(folder: string): Promise<number> {
  let names: string[]
  try {
    names = await readdir(folder, { recursive: true })
  } catch {
    return 0
  }
  const sizes = await Promise.all(names.map((name) => stat(join(folder, name)).catch(() => undefined)))
  return sizes.reduce((sum, each) => sum + (each?.isFile() === true ? each.size : 0), 0)
}

/** Runs something, and returns the largest size that the folder had, looked at every `ms` milliseconds. */
export async function largestSize(folder: string, ms: number, run: () => Promise<void>): Promise<number> {
  let most = 0
  let ended = false
  const watching = (async () => {
    while (!ended) {
      most = Math.max(most, await folderSize(folder))
      await new Promise((resolve) => setTimeout(resolve, ms))
    }
  })()
  try {
    await run()
  } finally {
    ended = true
    await watching
  }
  return most
}
