/** One bucket of an S3 API. Keys are those below the bucket's prefix; no method rejects. */
import { getFile } from './download.ts'
import { listObjects, type ListedObject } from './listing.ts'
import { Requests, type BucketAnswer, type BucketOptions } from './requests.ts'
import { putFile } from './upload.ts'

/** What a write depends on; 412 is the answer when it isn't so. */
export interface PutCondition {
  /** The object is there, with this ETag. */
  readonly ifMatch?: string
  /** There is no object of the key. */
  readonly ifAbsent?: true
}

/** Bytes of an object that `get` reads into memory. */
const LARGEST_GET = 64 * 1024 * 1024

export class Bucket {
  readonly #requests: Requests

  constructor(options: BucketOptions) {
    this.#requests = new Requests(options)
  }

  /** Writes an object, over one of the same key. */
  put(
    key: string,
    body: Buffer,
    contentType: string,
    signal: AbortSignal,
    { ifMatch, ifAbsent }: PutCondition = {},
  ): Promise<BucketAnswer> {
    const headers = {
      'content-type': contentType,
      ...(ifMatch === undefined ? {} : { 'if-match': ifMatch }),
      ...(ifAbsent === undefined ? {} : { 'if-none-match': '*' }),
    }
    return this.#requests.send({ method: 'PUT', key, headers, body }, signal)
  }

  /**
   * Writes a file as an object: in one request up to 16 MiB, else in parts of 16 MiB, one in memory at a time. If one fails,
   * the parts are taken back.
   */
  putFile(key: string, path: string, contentType: string, signal: AbortSignal): Promise<BucketAnswer> {
    return putFile(this.#requests, { key, path, contentType }, signal)
  }

  /** Reads an object of at most `LARGEST_GET` bytes; `body` is there with a status of success. */
  async get(key: string, signal: AbortSignal): Promise<BucketAnswer & { readonly body?: Buffer }> {
    const { taken: body, ...answer } = await this.#requests.send({ method: 'GET', key }, signal, (response) =>
      response.whole(LARGEST_GET),
    )
    return body === undefined ? answer : { ...answer, body }
  }

  /**
   * Reads an object into a file, which appears when it is whole and synced. `sha256` in hexadecimal is compared if it is
   * passed. Its folder exists; a kill leaves a file there whose name ends in `.tmp`.
   */
  getFile(key: string, path: string, signal: AbortSignal, sha256?: string): Promise<BucketAnswer> {
    return getFile(this.#requests, { key, path, sha256 }, signal)
  }

  /** All objects whose key starts with `prefix`; `objects` is there with a status of success. */
  list(
    prefix: string,
    signal: AbortSignal,
  ): Promise<BucketAnswer & { readonly objects?: readonly ListedObject[] }> {
    return listObjects(this.#requests, prefix, signal)
  }

  /** Deletes an object; one that isn't there is success. */
  async delete(key: string, signal: AbortSignal): Promise<BucketAnswer> {
    const answer = await this.#requests.send({ method: 'DELETE', key }, signal)
    return answer.code === 'NoSuchKey' ? { status: 204, code: '', message: '' } : answer
  }

  async close(): Promise<void> {
    await this.#requests.close()
  }
}
