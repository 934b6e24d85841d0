/** The disk as a bounded cache of the bucket, and what the bucket keeps. */
import { readdir, stat } from 'node:fs/promises'
import { join } from 'node:path'
import t from 'tap'
import { systemClock, type Clock } from '../../../../lib/flow/clock.ts'
import type { LogStore } from '../../../../lib/store/store.ts'
import { startFakeS3 } from '../../../support/fake-s3.ts'
import { listedIn, missingIn, storageAt } from '../../../support/store-bucket.ts'
import { openStore, push, select, storeFolder } from '../../../support/store-harness.ts'

const HOUR = 3600
const HOUR_MS = 3_600_000

const linesOf = async (store: LogStore): Promise<string[]> => (await select(store)).map(({ line }) => line)

const filesIn = async (folder: string): Promise<string[]> =>
  (await readdir(folder, { recursive: true })).filter((name) => /\.parquet$|long\/.*\.bin$/.test(name)).sort()

/** Time that can be moved on. */
function movedClock(): Clock & { ahead: number } {
  const clock = { ahead: 0, now: () => Date.now() + clock.ahead, after: systemClock.after.bind(systemClock) }
  return clock
}

void t.test('files that were read least recently leave the disk and come back', async (t) => {
  const s3 = await startFakeS3()
  t.teardown(() => s3.close())
  const folder = await storeFolder((run) => t.teardown(run))
  const clock = movedClock()
  const long = '€'.repeat(5000)
  const store = await openStore(folder, { objectStorage: storageAt(s3.url, { cacheSize: 1 }) }, clock)
  t.teardown(() => store.close())
  const { cache, mirror } = store.objectStorage!
  await push(store, { app: 'a' }, [['one', 0], [long, HOUR], ['three', 2 * HOUR]]) // prettier-ignore
  await store.upkeep.sealNow()
  const all = await filesIn(folder)
  t.equal(all.length, 4)
  await cache.evict()
  t.same(await filesIn(folder), all, 'what the bucket does not have stays')
  await mirror.flush()
  await cache.evict()
  t.same(await filesIn(folder), [], 'all of it leaves')
  t.equal(cache.bytes, 0)
  t.equal(cache.counts.evictions, 3)
  const asked = s3.requests.length
  t.same(await linesOf(store), ['one', long, 'three'])
  t.equal(s3.requests.length - asked, 4)
  const [oldest] = store.database.files.manifest.parts
  const held = await store.database.files.hold([oldest!])
  await cache.evict()
  t.same(
    (await filesIn(folder)).filter((name) => name.endsWith('.parquet')),
    [oldest!.file],
    'a file that is read stays',
  )
  held.release()
  t.same(
    (await filesIn(folder)).filter((name) => name.endsWith('.bin')),
    ['long/000001.bin'],
  )
  clock.ahead = HOUR_MS
  await cache.evict()
  t.same(await filesIn(folder), [])
  t.same(await linesOf(store), ['one', long, 'three'])
  t.same(missingIn(s3.objects), [])
})

void t.test('of files that fit, those that were read stay', async (t) => {
  const s3 = await startFakeS3()
  t.teardown(() => s3.close())
  const folder = await storeFolder((run) => t.teardown(run))
  const clock = movedClock()
  const first = await openStore(folder, { objectStorage: storageAt(s3.url) }, clock)
  await push(first, { app: 'a' }, [['one', 0], ['two', HOUR], ['three', 2 * HOUR]]) // prettier-ignore
  await first.seal()
  await first.close()
  const [one, two, three] = first.database.files.manifest.parts
  const size = (await stat(join(folder, one!.file))).size
  const store = await openStore(
    folder,
    { objectStorage: storageAt(s3.url, { cacheSize: 2.5 * size }) },
    clock,
  )
  t.teardown(() => store.close())
  const held = await store.database.files.hold([one!])
  held.release()
  await store.objectStorage!.cache.evict()
  t.same(await filesIn(folder), [one!.file, three!.file], 'of the others, the newest')
  clock.ahead = 1000
  const again = await store.database.files.hold([two!])
  again.release()
  t.same(await filesIn(folder), [one!.file, two!.file], 'room is made before one is read')
})

void t.test('what is deleted here is deleted there, after an hour', async (t) => {
  const s3 = await startFakeS3()
  t.teardown(() => s3.close())
  const folder = await storeFolder((run) => t.teardown(run))
  const clock = movedClock()
  const options = { objectStorage: storageAt(s3.url), deleteRequestCancelPeriod: 0 }
  const store = await openStore(folder, options, clock)
  t.teardown(() => store.close())
  const { mirror } = store.objectStorage!
  s3.objects.set('store/parquet/2026-01-05/000099-00000000.parquet', Buffer.from('of a crash'))
  s3.objects.set('store/parquet/readme.txt', Buffer.from('of somebody else'))
  for (let at = 0; at < 4; at++) {
    await push(store, { app: 'a' }, [
      [`line ${at}`, at * HOUR],
      ['secret', at * HOUR + 1],
    ])
    await store.seal()
  }
  const count = (): number => [...s3.objects.keys()].filter((key) => key.endsWith('.parquet')).length
  t.equal(count(), 5)
  t.equal(await store.upkeep.compact(), 4)
  await mirror.flush()
  t.equal(listedIn(s3.objects).length, 1, 'joined')
  t.equal(count(), 6, 'the files before are there for a while')
  const request = { query: '{app="a"} |= "secret"', from: 0, to: clock.now() }
  await store.deletions.add(request)
  await store.deletions.process()
  await mirror.flush()
  t.same(
    listedIn(s3.objects).map(({ rows }) => rows),
    [4],
    'written anew without the entries that were deleted',
  )
  for (let i = 0; i < 2; i++) {
    clock.ahead += HOUR_MS
    await mirror.flush()
  }
  t.equal(count(), 1)
  t.ok(s3.objects.has('store/parquet/readme.txt'), 'other objects stay')
  t.same(missingIn(s3.objects), [])
  t.same(Object.keys(store.database.files.manifest.bucket!.stored).length, 1)
  const other = await openStore(await storeFolder((run) => t.teardown(run)), options, clock)
  t.same(await linesOf(other), ['line 0', 'line 1', 'line 2', 'line 3'])
  t.equal(other.deletions.requests.all.length, 1, 'with its delete requests')
  await other.upkeep.drop(other.database.files.manifest.parts)
  await other.objectStorage!.mirror.flush()
  t.same(
    [...s3.objects.keys()].filter((key) => key.startsWith('store/days/')),
    [],
    'a day without entries has no list',
  )
  await other.close()
})

void t.test('entries that are hidden stay hidden on an empty disk', async (t) => {
  const s3 = await startFakeS3()
  t.teardown(() => s3.close())
  const options = { objectStorage: storageAt(s3.url) }
  const store = await openStore(await storeFolder((run) => t.teardown(run)), options)
  await push(store, { app: 'a' }, ['shown', 'secret'])
  await store.seal()
  await store.deletions.add({ query: '{app="a"} |= "secret"', from: 0, to: Date.now() })
  await store.objectStorage!.mirror.flush()
  await store.close()
  const other = await openStore(await storeFolder((run) => t.teardown(run)), options)
  t.teardown(() => other.close())
  t.same(await linesOf(other), ['shown'])
})
