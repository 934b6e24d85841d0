/** The small files of a store that come with its sealed ones: delete requests, and rules that were made over HTTP. */
import { readdir, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { codeOf, readIfExists, writeAtomic } from '../../disk/atomic.ts'
import type { DeleteRequest } from '../deletion/delete-request.ts'
import { DELETES } from '../deletion/request-list.ts'

const RULES = 'rules'

/** Their texts by name, below the store's folder. */
export type Lists = Readonly<Record<string, string>>

export async function readLists(folder: string): Promise<Lists> {
  const rules = await readdir(join(folder, RULES)).catch((error: unknown) => {
    if (codeOf(error) === 'ENOENT') return []
    throw error
  })
  const names = rules.filter((each) => /\.ya?ml$/.test(each)).map((each) => `${RULES}/${each}`)
  const lists: Record<string, string> = {}
  for (const name of [DELETES, ...names.sort()]) {
    const text = await readIfExists(join(folder, name))
    if (text !== undefined) lists[name] = text.toString()
  }
  return lists
}

/** Lists with which neither the files of before nor those of after show what is to be deleted. */
export function hidingBoth(before: Lists, after: Lists): Lists {
  const pending = requestsIn(before).filter(({ processedAt }) => processedAt === undefined)
  const ids = new Set(pending.map(({ id }) => id))
  const others = requestsIn(after).filter(({ id }) => !ids.has(id))
  return { ...after, [DELETES]: JSON.stringify([...pending, ...others]) }
}

function requestsIn(lists: Lists): DeleteRequest[] {
  try {
    return JSON.parse(lists[DELETES] ?? '[]') as DeleteRequest[]
  } catch {
    // A store with such a list doesn't open.
    return []
  }
}

/** Makes the lists of a folder those. */
export async function writeLists(folder: string, lists: Lists): Promise<void> {
  for (const name of Object.keys(await readLists(folder)))
    if (lists[name] === undefined) await rm(join(folder, name), { force: true })
  for (const [name, text] of Object.entries(lists)) await writeAtomic(join(folder, name), text)
}
