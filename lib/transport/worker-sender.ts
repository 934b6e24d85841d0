/** A sender whose work is done by a thread of its own. */
import { join } from 'node:path'
import { Worker } from 'node:worker_threads'
import { LogstreamError } from '../errors.ts'
import { encoderOf } from './encoders.ts'
import { leaveLines } from './queue.ts'
import { checkSenderOptions, type Sender } from './sender.ts'
import type { FromWorker, ToWorker, WorkerData } from './worker-protocol.ts'

interface Answer {
  readonly resolve: () => void
  readonly reject: (error: Error) => void
}

export class WorkerSender implements Sender {
  readonly #data: WorkerData
  readonly #worker: Worker
  readonly #answers = new Map<number, Answer>()
  /** Written, and not yet known to be in the queue; `#kept[0]` is line number `#taken`. */
  #kept: string[] = []
  #taken = 0
  #posted = 0
  #ids = 0
  #scheduled = false
  #closing: Promise<void> | undefined
  #ended = false
  dropped = 0

  /** Throws `LogstreamError` for options that are wrong. */
  constructor(data: WorkerData) {
    checkSenderOptions(data.sender)
    this.#data = data
    this.#worker = new Worker(new URL('./worker.js', import.meta.url), { workerData: data })
    this.#worker.on('message', (message: FromWorker) => this.#hear(message))
    this.#worker.on('error', (error) => this.#fail(error))
    this.#worker.on('exit', () => this.#fail(new Error('the thread has ended')))
    this.#worker.unref()
  }

  write(raw: string): void {
    this.#kept.push(raw)
    // Without the thread the disk is what is left.
    if (this.#ended) return this.save()
    if (this.#scheduled) return
    this.#scheduled = true
    setImmediate(() => {
      this.#scheduled = false
      this.#post()
    })
  }

  async flush(): Promise<void> {
    this.#post()
    await this.#ask('flush')
  }

  async close(): Promise<void> {
    this.#post()
    this.#closing ??= this.#ask('close')
    await this.#closing
  }

  /**
   * Puts what the thread may not have taken into a queue of its own, which the thread reads as soon as it can, else the
   * next start. What the thread has taken and not said so yet is delivered twice; Loki keeps equal lines of one time once.
   */
  save(): void {
    const kept = this.#kept
    if (kept.length === 0) return
    this.#kept = []
    this.#taken += kept.length
    this.#posted = this.#taken
    const { format, mapping, sender } = this.#data
    const encode = encoderOf(format, mapping)
    try {
      leaveLines(join(sender.dataDir, 'queue'), Buffer.from(kept.map(encode).join('')))
    } catch {
      this.dropped += kept.length
      return
    }
    if (!this.#ended) this.#say({ type: 'left' })
  }

  #post(): void {
    if (this.#ended) return this.save()
    const lines = this.#kept.slice(this.#posted - this.#taken)
    if (lines.length === 0) return
    this.#posted += lines.length
    this.#say({ type: 'lines', lines, upTo: this.#posted })
  }

  async #ask(type: 'flush' | 'close'): Promise<void> {
    if (this.#ended) return this.save()
    const id = this.#ids++
    // A caller that waits for the answer keeps the process running until it is there.
    this.#worker.ref()
    try {
      await new Promise<void>((resolve, reject) => {
        this.#answers.set(id, { resolve, reject })
        this.#say({ type, id })
      })
    } finally {
      if (this.#answers.size === 0) this.#worker.unref()
    }
  }

  #say(message: ToWorker): void {
    this.#worker.postMessage(message)
  }

  #hear(message: FromWorker): void {
    if (message.type === 'taken') {
      this.#kept.splice(0, Math.max(0, message.upTo - this.#taken))
      this.#taken = Math.max(this.#taken, message.upTo)
      this.dropped = message.dropped
      return
    }
    const answer = this.#answers.get(message.id)
    this.#answers.delete(message.id)
    if (message.error === undefined) answer?.resolve()
    else answer?.reject(new LogstreamError('IO', message.error))
  }

  #fail(error: Error): void {
    if (this.#ended) return
    this.#ended = true
    if (this.#closing === undefined) process.emitWarning(error.message, { type: 'LogstreamWarning' })
    this.save()
    for (const { reject } of this.#answers.values()) reject(error)
    this.#answers.clear()
  }
}
