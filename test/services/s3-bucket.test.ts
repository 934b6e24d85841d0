/** A bucket on a real server: what the quick test runs against its stand-in, with larger files and listings. */
import { mkdirSync } from 'node:fs'
import { join } from 'node:path'
import t from 'tap'
import { AT_EASE, bucketAt, bucketSuite } from '../support/bucket-suite.ts'
import { noS3Server, startS3Server } from '../support/s3-server.ts'

const MIB = 1024 * 1024
const OBJECTS = 1200

void t.test('a bucket of versitygw', { skip: noS3Server(), timeout: 300_000 }, async (tap) => {
  const folder = tap.testdir({})
  const [server, files] = [join(folder, 'server'), join(folder, 'files')]
  mkdirSync(files)
  const s3 = await startS3Server(server)
  tap.teardown(() => s3.kill())
  const url = `http://127.0.0.1:${s3.port}`
  await bucketSuite(tap, url, files, [0, 1, 16 * MIB, 32 * MIB, 32 * MIB + 1, 100 * MIB])

  await tap.test('a listing of more than a page', async (each) => {
    const bucket = bucketAt(each, url, 'many')
    const keys = Array.from({ length: OBJECTS }, (_, i) => `k ${String(i).padStart(4, '0')}`)
    const left = keys.values()
    const write = async (): Promise<void> => {
      for (const key of left) await bucket.put(key, Buffer.from('x'), 'text/plain', AT_EASE)
    }
    await Promise.all(Array.from({ length: 4 }, write))
    const { objects } = await bucket.list('', AT_EASE)
    each.same(
      objects?.map(({ key }) => key),
      keys,
    )
  })

  await tap.test('the server ends', async (each) => {
    const bucket = bucketAt(each, url)
    await s3.kill()
    each.match(await bucket.list('', AT_EASE), { status: 0, message: /^no answer from / })
    await s3.start()
    each.match(await bucket.list('', AT_EASE), { status: 200 })
  })
})
