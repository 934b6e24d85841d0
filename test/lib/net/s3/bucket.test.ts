/** A bucket against a stand-in for S3, and what faults come to. */
import { mkdir, readdir, stat, truncate, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import t, { type Test } from 'tap'
import type { Bucket } from '../../../../lib/net/s3/bucket.ts'
import { AT_EASE, bucketAt, bucketSuite } from '../../../support/bucket-suite.ts'
import { startFakeS3, type FakeS3, type S3Fault, type S3Request } from '../../../support/fake-s3.ts'
import { tempDir } from '../../../support/write-harness.ts'

const MIB = 1024 * 1024
const TYPE = 'application/octet-stream'

async function s3For(tap: Test): Promise<FakeS3> {
  const s3 = await startFakeS3()
  tap.teardown(() => s3.close())
  return s3
}

void t.test('without faults', async (tap) => {
  await bucketSuite(tap, (await s3For(tap)).url, await tempDir(tap), [0, 1, 16 * MIB + 1])
})

void t.test('a request that fails is an answer', async (tap) => {
  const s3 = await s3For(tap)
  const patient = bucketAt(tap, s3.url)
  const hasty = bucketAt(tap, s3.url, '', '100ms')
  const folder = await tempDir(tap)
  const [file, to] = [join(folder, 'file'), join(folder, 'to')]
  await writeFile(file, 'file')
  s3.objects.set('key', Buffer.alloc(100_000, 'x'))
  const requests = {
    put: (bucket: Bucket) => bucket.put('key2', Buffer.from('b'), TYPE, AT_EASE),
    putFile: (bucket: Bucket) => bucket.putFile('key2', file, TYPE, AT_EASE),
    get: (bucket: Bucket) => bucket.get('key', AT_EASE),
    getFile: (bucket: Bucket) => bucket.getFile('key', to, AT_EASE),
    list: (bucket: Bucket) => bucket.list('', AT_EASE),
    delete: (bucket: Bucket) => bucket.delete('key2', AT_EASE),
  }
  for (const [name, request] of Object.entries(requests)) {
    s3.fault = () => ({ status: 503, code: 'SlowDown', retryAfter: '7' })
    tap.same(
      await request(patient),
      { status: 503, code: 'SlowDown', message: 'as the test says', retryAfterMs: 7000 },
      name,
    )
    s3.fault = () => 'hang'
    tap.match(await request(hasty), {
      status: 0,
      code: '',
      message: /^no answer from localhost:\d+ within 100 ms$/,
    })
  }
  const stopped = await patient.get('key', AbortSignal.abort())
  tap.same(stopped, { status: 0, code: '', message: 'stopped' })
  for (const name of ['get', 'getFile', 'list'] as const) {
    s3.fault = () => ({ cutAt: 30 })
    tap.match(await requests[name](patient), { status: 0, message: /^no answer from / }, `${name}: cut off`)
    s3.fault = () => ({ stallAt: 30 })
    tap.match(await requests[name](hasty), { status: 0, message: /within 100 ms$/ }, `${name}: stalled`)
  }
  tap.same(await readdir(folder), ['file'], 'no part of a file is left')
})

void t.test('a server that closes the connection while the disk is slow', async (tap) => {
  const s3 = await s3For(tap)
  const bucket = bucketAt(tap, s3.url)
  const folder = await tempDir(tap)
  s3.objects.set('key', Buffer.alloc(4 * MIB, 'x'))
  s3.fault = () => 'close'
  tap.match(await bucket.getFile('key', join(folder, 'to'), AT_EASE), { status: 200 })
  tap.equal((await stat(join(folder, 'to'))).size, 4 * MIB)
  tap.equal((await bucket.get('key', AT_EASE)).body?.length, 4 * MIB)
})

void t.test('an object that changes while it is read', async (tap) => {
  const s3 = await s3For(tap)
  const bucket = bucketAt(tap, s3.url)
  const folder = await tempDir(tap)
  s3.objects.set('key', Buffer.alloc(17 * MIB))
  s3.fault = ({ headers }) => {
    if (headers.range?.startsWith('bytes=0-') === false) s3.objects.set('key', Buffer.alloc(17 * MIB, 'x'))
    return undefined
  }
  tap.match(await bucket.getFile('key', join(folder, 'to'), AT_EASE), { status: 412 })
  tap.same(await readdir(folder), [])
})

void t.test('a slow file has time while bytes of it arrive', async (tap) => {
  const s3 = await s3For(tap)
  const bucket = bucketAt(tap, s3.url, '', '1s')
  s3.objects.set('key', Buffer.alloc(1000, 'x'))
  s3.fault = () => ({ pieces: 10, pauseMs: 120 })
  tap.match(await bucket.getFile('key', join(await tempDir(tap), 'to'), AT_EASE), { status: 200 })
})

void t.test('files that the disk does not give or take', async (tap) => {
  const s3 = await s3For(tap)
  const bucket = bucketAt(tap, s3.url)
  const folder = await tempDir(tap)
  s3.objects.set('key', Buffer.from('body'))
  tap.match(await bucket.putFile('k', join(folder, 'absent'), TYPE, AT_EASE), {
    status: 0,
    code: 'ENOENT',
    message: /^cannot read /,
  })
  tap.match(await bucket.getFile('key', join(folder, 'no/folder'), AT_EASE), {
    status: 0,
    code: 'ENOENT',
    message: /^cannot write /,
  })
  await mkdir(join(folder, 'taken'))
  tap.match(await bucket.getFile('key', join(folder, 'taken'), AT_EASE), { status: 0, code: 'EISDIR' })
  tap.same(await readdir(folder), ['taken'])
  const wrong = await bucket.getFile('key', join(folder, 'to'), AT_EASE, 'ab'.repeat(32))
  tap.match(wrong, { status: 0, message: /^expected key with the SHA-256 abab.*, found 230d8358dc8e/ })
  tap.same(await readdir(folder), ['taken'])
})

void t.test('an upload in parts that fails leaves nothing', async (tap) => {
  const s3 = await s3For(tap)
  const bucket = bucketAt(tap, s3.url)
  const file = join(await tempDir(tap), 'file')
  await writeFile(file, '')
  await truncate(file, 17 * MIB)
  const failing = (fault: (request: S3Request) => S3Fault) => {
    s3.fault = fault
    return bucket.putFile('key', file, TYPE, AT_EASE)
  }
  const down: S3Fault = { status: 500, code: 'InternalError' }
  tap.match(await failing(({ query }) => (query.has('uploads') ? down : undefined)), down)
  tap.match(await failing(({ query }) => (query.get('partNumber') === '2' ? down : undefined)), down)
  tap.match(
    await failing(({ method, query }) =>
      method === 'POST' && query.has('uploadId')
        ? { answer: '<?xml version="1.0"?>\n\n<Error><Code>SlowDown</Code><Message>less</Message></Error>' }
        : undefined,
    ),
    { status: 500, code: 'SlowDown', message: 'less' },
    'an error with status 200',
  )
  tap.match(
    await failing(({ method, query }) =>
      method === 'POST' && query.has('uploadId') ? { answer: '<?xml version="1.0"?>\n' } : undefined,
    ),
    { status: 500, code: '', message: /cut off/ },
  )
  tap.match(await failing(({ query }) => (query.has('uploads') ? { answer: '<html>' } : undefined)), {
    status: 0,
    message: /^expected an UploadId/,
  })
  const stop = new AbortController()
  s3.fault = ({ query }) => {
    if (query.get('partNumber') === '2') stop.abort()
    return undefined
  }
  tap.match(await bucket.putFile('key', file, TYPE, stop.signal), { status: 0, message: 'stopped' })
  tap.equal(s3.uploads.size, 0, 'no parts are left')
  tap.equal(s3.objects.size, 0)
})

void t.test('listings that are broken', async (tap) => {
  const s3 = await s3For(tap)
  const bucket = bucketAt(tap, s3.url, 'top')
  const page = (inner: string): string => `<ListBucketResult>${inner}</ListBucketResult>`
  const whole = '<IsTruncated>false</IsTruncated>'
  const object = (key: string, size: string): string =>
    `${whole}<Contents><Key>${key}</Key><Size>${size}</Size></Contents>`
  for (const [answer, message] of [
    ['', /cut off or something else/],
    ['<html></html>', /cut off or something else/],
    [`<ListBucketResult>${whole}`, /cut off or something else/],
    [page(''), /no IsTruncated/],
    [page('<IsTruncated>true</IsTruncated>'), /no token/],
    [page(object('top/a', '-1')), /without a key or size/],
    [page(`<EncodingType>url</EncodingType>${object('top/%', '1')}`), /without a key or size/],
    [page(object('other/a', '1')), /the key "other\/a"/],
    [page('<IsTruncated>true</IsTruncated><NextContinuationToken>t</NextContinuationToken>'), /does not end/],
  ] as const) {
    s3.fault = () => ({ answer })
    const listed = await bucket.list('', AT_EASE)
    tap.match(listed, { status: 0, message })
    tap.equal(listed.objects, undefined)
  }
  s3.fault = () => ({ answer: page(object('top/a&amp;&#x41;&#66;&lt;+', '5')) })
  tap.same(
    (await bucket.list('', AT_EASE)).objects,
    [{ key: 'a&AB<+', size: 5 }],
    'a server that does not encode',
  )
})

void t.test('what does not fit into memory is not read into it', async (tap) => {
  const s3 = await s3For(tap)
  s3.objects.set('key', Buffer.alloc(64 * MIB + 1))
  tap.match(await bucketAt(tap, s3.url).get('key', AT_EASE), {
    status: 0,
    message: /^expected at most 67108864 bytes, found more$/,
  })
})
