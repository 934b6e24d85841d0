/** The objects of a store in its bucket: requests that throw when they fail, counted, and repeated where that is safe. */
import { hashFile } from '../../disk/hash-file.ts'
import { LogstreamError } from '../../errors.ts'
import type { Clock } from '../../flow/clock.ts'
import { keepAlive } from '../../flow/keep-alive.ts'
import type { Bucket, PutCondition } from '../../net/s3/bucket.ts'
import type { ListedObject } from '../../net/s3/listing.ts'
import type { BucketAnswer } from '../../net/s3/requests.ts'
import type { StoredObject } from '../sealed/manifest.ts'

/** Of what can be repeated whatever has become of it: reads, and uploads under names of their contents. */
const ATTEMPTS = 4
const FIRST_PAUSE_MS = 250
const LONGEST_PAUSE_MS = 10_000

/** A request that failed. */
export class ObjectError extends LogstreamError {
  /** Of HTTP; 0 when no whole answer came, or the disk failed. */
  readonly status: number
  /** S3's name of the error, or the disk's. */
  readonly reason: string
  readonly retryAfterMs: number | undefined

  constructor(what: string, { status, code, message, retryAfterMs }: BucketAnswer) {
    super('IO', `${what}: ${code === '' ? message || `status ${status}` : `${code}: ${message}`}`)
    this.name = 'ObjectError'
    this.status = status
    this.reason = code
    this.retryAfterMs = retryAfterMs
  }

  /** Whether the disk failed and not the bucket. */
  get isOfDisk(): boolean {
    return this.status === 0 && /^E[A-Z]+$/.test(this.reason)
  }
}

export interface ObjectCounts {
  uploads: number
  uploadedBytes: number
  downloads: number
  downloadedBytes: number
  /** Requests that failed, each attempt counted. */
  failures: number
}

export interface ObjectStoreOptions {
  readonly bucket: Bucket
  /** What messages call it: its URL. */
  readonly title: string
  readonly clock: Clock
}

/** A text, and what names it in conditions. */
export interface ReadObject {
  readonly text: string
  readonly etag: string | undefined
}

export class ObjectStore {
  readonly counts: ObjectCounts = {
    uploads: 0,
    uploadedBytes: 0,
    downloads: 0,
    downloadedBytes: 0,
    failures: 0,
  }
  readonly #options: ObjectStoreOptions

  constructor(options: ObjectStoreOptions) {
    this.#options = options
  }

  get title(): string {
    return this.#options.title
  }

  /** Reads an object; `undefined` if there is none. */
  async read(key: string, signal: AbortSignal): Promise<ReadObject | undefined> {
    const { bucket } = this.#options
    const answer = await this.#repeat(`${key} can't be read`, signal, () => bucket.get(key, signal), isAbsent)
    if (isAbsent(answer) || answer.body === undefined) return undefined
    return { text: answer.body.toString(), etag: answer.etag }
  }

  /** Writes an object if the condition holds. Returns its ETag, or that the condition doesn't hold. */
  async write(
    key: string,
    text: string,
    condition: PutCondition,
    signal: AbortSignal,
  ): Promise<{ readonly etag: string | undefined } | 'changed'> {
    const answer = await this.#options.bucket.put(
      key,
      Buffer.from(text),
      'application/json',
      signal,
      condition,
    )
    // 409: another write of it is under way.
    if (answer.status === 412 || answer.status === 409) return 'changed'
    this.#check(`${key} can't be written`, answer)
    return { etag: answer.etag }
  }

  /** Writes a file under a name that its contents make: `parquet/2026-01-05/000012-1f3a9c2e.parquet`. */
  async upload(name: string, path: string, signal: AbortSignal): Promise<StoredObject> {
    const { sha256, bytes } = await hashFile(path)
    const object = name.replace(/(?=\.[^.]*$)/, `-${sha256.slice(0, 8)}`)
    const { bucket } = this.#options
    await this.#repeat(`${object} can't be written`, signal, () =>
      bucket.putFile(object, path, 'application/octet-stream', signal),
    )
    this.counts.uploads++
    this.counts.uploadedBytes += bytes
    return { object, bytes, sha256 }
  }

  /** Reads an object into a file, and compares its hash. */
  async download({ object, bytes, sha256 }: StoredObject, path: string, signal: AbortSignal): Promise<void> {
    const { bucket } = this.#options
    await this.#repeat(`${object} can't be read`, signal, () => bucket.getFile(object, path, signal, sha256))
    this.counts.downloads++
    this.counts.downloadedBytes += bytes
  }

  async list(prefix: string, signal: AbortSignal): Promise<readonly ListedObject[]> {
    const { bucket } = this.#options
    const { objects } = await this.#repeat("the bucket can't be listed", signal, () =>
      bucket.list(prefix, signal),
    )
    return objects ?? []
  }

  async delete(key: string, signal: AbortSignal): Promise<void> {
    this.#check(`${key} can't be deleted`, await this.#options.bucket.delete(key, signal))
  }

  async close(): Promise<void> {
    await this.#options.bucket.close()
  }

  async #repeat<A extends BucketAnswer>(
    what: string,
    signal: AbortSignal,
    run: () => Promise<A>,
    isFine: (answer: A) => boolean = () => false,
  ): Promise<A> {
    for (let attempt = 1; ; attempt++) {
      const answer = await run()
      if (isFine(answer)) return answer
      try {
        this.#check(what, answer)
        return answer
      } catch (error) {
        if (signal.aborted || attempt >= ATTEMPTS || !canPass(error as ObjectError)) throw error
      }
      const pause = answer.retryAfterMs ?? FIRST_PAUSE_MS * 2 ** (attempt - 1)
      await this.#pause(Math.min(pause, LONGEST_PAUSE_MS), signal)
    }
  }

  #check(what: string, answer: BucketAnswer): void {
    if (answer.status >= 200 && answer.status < 300) return
    this.counts.failures++
    throw new ObjectError(what, answer)
  }

  #pause(ms: number, signal: AbortSignal): Promise<void> {
    // Of a store that is opened nothing else may keep the process running.
    const release = keepAlive()
    return new Promise<void>((resolve) => {
      const end = (): void => {
        timer.cancel()
        signal.removeEventListener('abort', end)
        resolve()
      }
      const timer = this.#options.clock.after(ms, end)
      signal.addEventListener('abort', end)
    }).finally(release)
  }
}

function isAbsent({ status, code }: BucketAnswer): boolean {
  return status === 404 && code !== 'NoSuchBucket'
}

/** Whether another attempt may succeed. */
function canPass(error: ObjectError): boolean {
  if (error.isOfDisk) return false
  return error.status === 0 || error.status === 408 || error.status === 429 || error.status >= 500
}
