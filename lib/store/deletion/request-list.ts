/** The delete requests of a store, in `deletes.json`; the file is replaced with every change. */
import { randomBytes } from 'node:crypto'
import { join } from 'node:path'
import { readIfExists, writeAtomic } from '../../disk/atomic.ts'
import { syncFolder } from '../../disk/sync-folder.ts'
import { LogstreamError, messageOf } from '../../errors.ts'
import type { DeleteRequest } from './delete-request.ts'

export const DELETES = 'deletes.json'

/** Processed requests that are remembered; the oldest are forgotten. */
const MOST_PROCESSED = 1000

export class RequestList {
  readonly #folder: string
  #requests: readonly DeleteRequest[]
  #changing: Promise<unknown> = Promise.resolve()

  private constructor(folder: string, requests: readonly DeleteRequest[]) {
    this.#folder = folder
    this.#requests = requests
  }

  /** Reads the list of a folder. Throws IO when it can't be read: entries that were to be hidden would be shown. */
  static async open(folder: string): Promise<RequestList> {
    const path = join(folder, DELETES)
    try {
      const text = (await readIfExists(path))?.toString()
      return new RequestList(folder, text === undefined ? [] : (JSON.parse(text) as DeleteRequest[]))
    } catch (error) {
      throw new LogstreamError(
        'IO',
        `the store's delete requests "${path}" can't be read (${messageOf(error)}): put a copy of the file back, or delete it to drop the requests`,
        { cause: error, option: 'path' },
      )
    }
  }

  /** In the order of their creation. */
  get all(): readonly DeleteRequest[] {
    return this.#requests
  }

  get pending(): readonly DeleteRequest[] {
    return this.#requests.filter(({ processedAt }) => processedAt === undefined)
  }

  find(id: string): DeleteRequest | undefined {
    return this.#requests.find((each) => each.id === id)
  }

  /** Resolves with the request when it's on disk. */
  async add(request: Omit<DeleteRequest, 'id'>): Promise<DeleteRequest> {
    let id = newId()
    while (this.find(id) !== undefined) id = newId()
    const added = { id, ...request }
    await this.#change((requests) => [...requests, added])
    return added
  }

  async remove(id: string): Promise<void> {
    await this.#change((requests) => requests.filter((each) => each.id !== id))
  }

  /** `now` in milliseconds. */
  async markProcessed(id: string, now: number): Promise<void> {
    await this.#change((requests) => {
      const marked = requests.map((each) => (each.id === id ? { ...each, processedAt: now } : each))
      let tooMany = marked.filter(({ processedAt }) => processedAt !== undefined).length - MOST_PROCESSED
      return marked.filter(({ processedAt }) => processedAt === undefined || tooMany-- <= 0)
    })
  }

  async #change(edit: (requests: readonly DeleteRequest[]) => readonly DeleteRequest[]): Promise<void> {
    const changed = this.#changing.then(async () => {
      const after = edit(this.#requests)
      await writeAtomic(join(this.#folder, DELETES), JSON.stringify(after, undefined, 1))
      await syncFolder(this.#folder)
      this.#requests = after
    })
    this.#changing = changed.catch(() => undefined)
    await changed
  }
}

// As long as Loki's.
function newId(): string {
  return randomBytes(4).toString('hex')
}
