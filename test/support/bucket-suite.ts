/** What a bucket does on a server without faults: the same on the stand-in and on a real one. */
import { createHash, randomBytes } from 'node:crypto'
import { readdir, readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { Test } from 'tap'
import { decodeInput } from '../../lib/component/decode.ts'
import type { Bucket } from '../../lib/net/s3/bucket.ts'
import { bucketFields, bucketSettings } from '../../lib/net/s3/fields.ts'
import { openBucket } from '../../lib/net/s3/open.ts'
import { ACCESS_KEY, SECRET_KEY } from './fake-s3.ts'

/** Aborts nothing. */
export const AT_EASE: AbortSignal = new AbortController().signal

export function bucketAt(tap: Test, endpoint: string, prefix = '', requestTimeout = '20s'): Bucket {
  const options = decodeInput('bucket', bucketFields, {
    bucket: 'logs',
    endpoint,
    prefix,
    access_key_id: ACCESS_KEY,
    secret_access_key: SECRET_KEY,
    request_timeout: requestTimeout,
  })
  const bucket = openBucket(options, bucketSettings(options, {}), 4, () => Date.now())
  tap.teardown(() => bucket.close())
  return bucket
}

/** `sizes`: of files that are written and read. */
export async function bucketSuite(
  tap: Test,
  endpoint: string,
  folder: string,
  sizes: readonly number[],
): Promise<void> {
  await tap.test('objects are written, read, overwritten and deleted', async (each) => {
    const bucket = bucketAt(each, endpoint, 'one/')
    const put = await bucket.put('a b+ü/c', Buffer.from('first'), 'text/plain', AT_EASE)
    each.equal(put.status, 200)
    each.equal((await bucket.get('a b+ü/c', AT_EASE)).body?.toString(), 'first')
    await bucket.put('a b+ü/c', Buffer.alloc(0), 'text/plain', AT_EASE)
    each.equal((await bucket.get('a b+ü/c', AT_EASE)).body?.length, 0)
    each.match(await bucket.delete('a b+ü/c', AT_EASE), { status: 204 })
    const { body, ...absent } = await bucket.get('a b+ü/c', AT_EASE)
    each.match(absent, { status: 404, code: 'NoSuchKey' })
    each.equal(body, undefined)
    each.match(await bucket.delete('a b+ü/c', AT_EASE), { status: 204, code: '' }, 'absent: success')
  })

  await tap.test('conditions', async (each) => {
    const bucket = bucketAt(each, endpoint, 'conditions')
    const put = (text: string, condition: Parameters<Bucket['put']>[4]) =>
      bucket.put('key', Buffer.from(text), 'text/plain', AT_EASE, condition)
    const first = await put('one', { ifAbsent: true })
    each.equal(first.status, 200)
    each.match(await put('two', { ifAbsent: true }), { status: 412, code: 'PreconditionFailed' })
    const second = await put('three', { ifMatch: first.etag! })
    each.equal(second.status, 200)
    each.match(await put('four', { ifMatch: first.etag! }), { status: 412, code: 'PreconditionFailed' })
    const held = await bucket.get('key', AT_EASE)
    each.equal(held.body?.toString(), 'three')
    each.equal(held.etag, second.etag)
  })

  await tap.test('files of one part and more', async (each) => {
    const bucket = bucketAt(each, endpoint, 'files')
    for (const size of sizes) {
      const from = join(folder, `from-${size}`)
      const to = join(folder, `to-${size}`)
      const bytes = randomBytes(size)
      await writeFile(from, bytes)
      each.match(await bucket.putFile(`f/${size}`, from, 'application/octet-stream', AT_EASE), {
        status: 200,
        etag: /^"/,
      })
      const sha256 = createHash('sha256').update(bytes).digest('hex')
      each.match(await bucket.getFile(`f/${size}`, to, AT_EASE, sha256), { status: 200 })
      each.ok((await readFile(to)).equals(bytes), `${size} bytes`)
    }
    each.same(
      (await readdir(folder)).filter((name) => name.endsWith('.tmp')),
      [],
    )
    const { objects } = await bucket.list('f/', AT_EASE)
    each.same(
      objects?.map(({ size }) => size).sort((a, b) => a - b),
      sizes,
    )
  })

  await tap.test('listings: below the prefix, any letters', async (each) => {
    const [top, mine] = [bucketAt(each, endpoint), bucketAt(each, endpoint, 'list/mine')]
    const keys = ['a', 'a b', 'a+b', 'a&b', 'a<>"\'', 'b/ü%20', "c!'()*", 'd=e/f;g']
    for (const key of keys) await mine.put(key, Buffer.from(key), 'text/plain', AT_EASE)
    await top.put('list/mines/other', Buffer.from('other'), 'text/plain', AT_EASE)
    const listed = await mine.list('', AT_EASE)
    each.equal(listed.status, 200)
    each.same(listed.objects?.map(({ key }) => key).sort(), keys.sort())
    each.same((await mine.list('b/', AT_EASE)).objects, [{ key: 'b/ü%20', size: 7 }])
    each.same((await mine.list('z', AT_EASE)).objects, [])
    for (const { key } of listed.objects!) await mine.delete(key, AT_EASE)
    each.same((await mine.list('', AT_EASE)).objects, [])
  })
}
