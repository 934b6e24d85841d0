/**
 * The queue of a process, and those that ended processes have left: each is a folder with a lock of its own under one
 * parent. What is in them goes out as one stream of batches; a folder whose contents have been delivered is removed.
 */
import { mkdirSync, renameSync } from 'node:fs'
import { readdir, rm } from 'node:fs/promises'
import { join } from 'node:path'
import type { Readable } from 'node:stream'
import { Cursors } from '../disk/cursors.ts'
import { lockNew, tryLock, type HeldLock } from '../disk/lock-file.ts'
import { messageOf } from '../errors.ts'
import { Intake, type IntakeContext } from '../intake/intake.ts'
import type { Logger } from '../telemetry/log.ts'
import { queueFile, queueFiles, QueueWriter } from './queue-folder.ts'
import { QueueReader } from './queue-reader.ts'

const LOCK = 'lock'
const MAKING = '.new'

export interface QueueContext extends IntakeContext {
  readonly log: Logger
}

interface Held {
  readonly folder: string
  readonly lock: HeldLock
  readonly cursors: Cursors
  readonly reader: QueueReader
}

let serial = 0

/** A folder's name that no other process or thread makes. */
function newQueueFolder(parent: string): string {
  return join(parent, `${Date.now()}-${process.pid}-${process.hrtime.bigint()}-${serial++}`)
}

/** Leaves lines to the next process that reads `parent`, which finds all of them or none. Throws the system's error. */
export function leaveLines(parent: string, lines: Buffer): void {
  const folder = newQueueFolder(parent)
  const writer = new QueueWriter(`${folder}${MAKING}`, Infinity)
  writer.append(lines)
  writer.close()
  renameSync(`${folder}${MAKING}`, folder)
}

// Locked before it has its name: no process finds it without a lock while this one has it.
function makeLocked(parent: string): { readonly folder: string; readonly lock: HeldLock } {
  const folder = newQueueFolder(parent)
  const making = `${folder}${MAKING}`
  mkdirSync(making, { recursive: true, mode: 0o700 })
  lockNew(join(making, LOCK))
  renameSync(making, folder)
  return { folder, lock: { release: () => rm(join(folder, LOCK), { force: true }) } }
}

export class Queue {
  readonly #parent: string
  readonly #ctx: QueueContext
  readonly #writer: QueueWriter
  readonly #lock: HeldLock
  readonly #intake: Intake
  readonly #held: Held[] = []
  readonly #runs: Promise<void>[] = []
  /** Folders that are being removed. */
  readonly #leaving = new Set<Promise<void>>()
  #own: QueueReader | undefined
  #ended = false
  #onDelivered = (): void => undefined

  /** Makes this process's folder under `parent`, so that lines can be appended at once. Throws the system's error. */
  constructor(parent: string, maxBytes: number, ctx: QueueContext) {
    this.#parent = parent
    this.#ctx = ctx
    this.#intake = new Intake(ctx)
    const { folder, lock } = makeLocked(parent)
    this.#lock = lock
    this.#writer = new QueueWriter(folder, maxBytes)
  }

  /** What is to be delivered, as batches. */
  get output(): Readable {
    return this.#intake.output
  }

  /** Whether `bytes` more don't fit. */
  isFull(bytes: number): boolean {
    return this.#writer.isFull(bytes)
  }

  /** Appends whole lines. Throws the system's error. */
  append(lines: Buffer): void {
    this.#writer.append(lines)
    this.#own?.notify()
  }

  /** Resolves when everything appended so far is safe from a power failure. */
  sync(): Promise<void> {
    return this.#writer.sync()
  }

  /** Begins to read: this process's folder, and those that ended processes have left. */
  async start(): Promise<void> {
    const { folder } = this.#writer
    const own = await this.#read(folder, this.#lock, (number) => this.#writer.removeBefore(number))
    this.#own = own.reader
    await this.adopt()
    if (this.#ended) this.#own.end()
  }

  /** Reads what ended processes, and `leaveLines`, have left so far. */
  async adopt(): Promise<void> {
    for (const name of (await readdir(this.#parent)).sort((a, b) => a.localeCompare(b))) {
      const folder = join(this.#parent, name)
      if (!name.endsWith(MAKING) && !this.#held.some((held) => held.folder === folder))
        await this.#adopt(folder)
    }
  }

  /**
   * Hands on what is there and ends the output. Gives up, and resolves with `false`, when nothing has been delivered for
   * `patienceMs`: the rest stays for the next start.
   */
  async end(patienceMs: number): Promise<boolean> {
    const { clock } = this.#ctx
    let patient = true
    const giveUp = (): void => {
      patient = false
      this.#stop()
    }
    let timer = clock.after(patienceMs, giveUp)
    this.#onDelivered = () => {
      timer.cancel()
      if (patient) timer = clock.after(patienceMs, giveUp)
    }
    this.#ended = true
    this.#own?.end()
    await Promise.all(this.#runs)
    this.#onDelivered = () => undefined
    timer.cancel()
    this.#intake.end()
    return patient
  }

  /** Lets go of the folders and removes those without anything left in them. Resolves with whether it was all of them. */
  async close(): Promise<boolean> {
    this.#writer.close()
    const held = this.#held.splice(0)
    await Promise.all(this.#leaving)
    for (const each of held) await letGo(each)
    return this.#own !== undefined && held.every(({ reader }) => reader.done)
  }

  #stop(): void {
    for (const { reader } of this.#held) reader.stop()
    this.#intake.stop()
  }

  async #adopt(folder: string): Promise<void> {
    const lock = await tryLock(join(folder, LOCK)).catch(() => undefined)
    if (lock === undefined) return
    try {
      const held = await this.#read(folder, lock, async (number) => {
        for (const old of queueFiles(folder))
          if (old < number) await rm(queueFile(folder, old), { force: true })
      })
      held.reader.end()
    } catch (error) {
      await lock.release()
      throw error
    }
  }

  async #read(folder: string, lock: HeldLock, remove: (before: number) => Promise<void>): Promise<Held> {
    const { log, clock } = this.#ctx
    const cursors = await Cursors.open({ folder, log, clock })
    let first = 0
    const onDelivered = (number: number): void => {
      this.#onDelivered()
      this.#forget(held)
      if (number === first) return
      first = number
      remove(number).catch((error: unknown) => {
        log.warn('a delivered part of the queue cannot be removed', { folder, error: messageOf(error) })
      })
    }
    const reader = new QueueReader({ folder, intake: this.#intake, cursors, onDelivered })
    const held = { folder, lock, cursors, reader }
    this.#held.push(held)
    const run = reader.run().then(
      () => this.#forget(held),
      (error: unknown) => log.error('the queue cannot be read', { folder, error: messageOf(error) }),
    )
    this.#runs.push(run)
    return held
  }

  /** Lets go of another's folder as soon as all of it has been delivered: a program may leave many while it runs. */
  #forget(held: Held): void {
    const at = this.#held.indexOf(held)
    if (at === -1 || held.reader === this.#own || !held.reader.done) return
    this.#held.splice(at, 1)
    const leaving = letGo(held)
      .catch((error: unknown) => {
        const { log } = this.#ctx
        log.warn('a delivered queue cannot be removed', { folder: held.folder, error: messageOf(error) })
      })
      .finally(() => this.#leaving.delete(leaving))
    this.#leaving.add(leaving)
  }
}

/** Removes a folder if all of it has been delivered; else another process may have it. */
async function letGo({ folder, lock, cursors, reader }: Held): Promise<void> {
  await cursors.close()
  if (reader.done) await rm(folder, { recursive: true, force: true })
  else await lock.release()
}
