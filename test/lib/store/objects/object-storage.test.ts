/** Sealed files are copied to a bucket and found there by an empty disk; nothing is listed that isn't there. */
import { mkdir, readdir, readFile, stat, truncate, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import t, { type Test } from 'tap'
import { storeQuerier } from '../../../../lib/store/select.ts'
import type { LogStore, StoreOptions } from '../../../../lib/store/store.ts'
import { startFakeS3, type FakeS3 } from '../../../support/fake-s3.ts'
import { listedIn, missingIn, storageAt } from '../../../support/store-bucket.ts'
import { openStore, push, select, selection, storeFolder } from '../../../support/store-harness.ts'

const HOUR = 3600
const DAY = 24 * HOUR

async function bucket(t: Test): Promise<FakeS3> {
  const s3 = await startFakeS3()
  t.teardown(() => s3.close())
  return s3
}

async function open(
  t: Test,
  s3: FakeS3,
  options: Partial<StoreOptions> = {},
  folder?: string,
): Promise<{ store: LogStore; folder: string; close: () => Promise<void> }> {
  const path = folder ?? (await storeFolder((run) => t.teardown(run)))
  const store = await openStore(path, { objectStorage: storageAt(s3.url), ...options })
  let closed: Promise<void> | undefined
  const close = (): Promise<void> => (closed ??= store.close())
  t.teardown(close)
  return { store, folder: path, close }
}

const linesOf = async (store: LogStore): Promise<string[]> =>
  (await select(store)).map(({ line, stream, metadata }) => `${stream.text} ${line} ${String(metadata)}`)

const parquetIn = async (folder: string): Promise<string[]> =>
  (await readdir(join(folder, 'parquet'), { recursive: true })).filter((name) => name.endsWith('.parquet'))

const LONG = 'ü'.repeat(5000)

async function fill(store: LogStore): Promise<void> {
  await push(store, { app: 'a' }, [['one', 0], ['two', 1, [['k', 'v']]], [LONG, 2], ['three', HOUR]]) // prettier-ignore
  await push(store, { app: 'b' }, [['level=error four', DAY]])
  await store.seal()
  await push(store, { app: 'b' }, [
    ['five', DAY + 1],
    [`${LONG}!`, DAY + 2],
  ])
  await store.seal()
}

void t.test('an empty disk answers from the bucket', async (t) => {
  const s3 = await bucket(t)
  const before: string[] = []
  s3.fault = ({ key, method }) => {
    if (method === 'PUT' || method === 'DELETE')
      before.push(...missingIn(s3.objects).map((name) => `${key}: ${name}`))
    return undefined
  }
  const first = await open(t, s3)
  await fill(first.store)
  const lines = await linesOf(first.store)
  const querier = storeQuerier(first.store)
  const statistics = await querier.statistics(selection())
  await first.close()
  t.same(before, [], 'before each request, all that is listed is there')
  t.equal(listedIn(s3.objects).length, 4)

  const asked = s3.requests.length
  const second = await open(t, s3)
  t.same(await parquetIn(second.folder), [], 'Parquet files come when they are read')
  t.same(await storeQuerier(second.store).statistics(selection()), statistics, 'indexes are there')
  t.equal(s3.requests.slice(asked).filter(({ key }) => key.endsWith('.parquet')).length, 0)
  const [one, two] = await Promise.all([linesOf(second.store), linesOf(second.store)])
  t.same(one, lines)
  t.same(two, lines)
  t.equal(
    s3.requests.slice(asked).filter(({ key, method }) => method === 'GET' && key.endsWith('.parquet')).length,
    4,
    'two queries at once download each file once',
  )
  await push(second.store, { app: 'a' }, [['two', 1, [['k', 'v']]], ['six', 2 * DAY]]) // prettier-ignore
  await second.store.seal()
  const more = await linesOf(second.store)
  t.equal(more.length, lines.length + 1, 'what the bucket has is not stored again')
  await second.close()
  const third = await open(t, s3)
  t.same(await linesOf(third.store), more)
})

void t.test('a restart goes on where the last one ended', async (t) => {
  const s3 = await bucket(t)
  const first = await open(t, s3)
  s3.fault = ({ key }) =>
    key.includes('/days/') ? { status: 503, code: 'SlowDown', retryAfter: '1' } : undefined
  await t.rejects(fill(first.store), { code: 'DELIVERY', message: /SlowDown/ })
  const lines = await linesOf(first.store)
  await first.close()
  s3.fault = undefined
  const again = await open(t, s3, {}, first.folder)
  const uploads = s3.requests.filter(({ key, method }) => method === 'PUT' && key.endsWith('.parquet')).length
  await again.store.seal()
  t.same(await linesOf(again.store), lines)
  t.equal(listedIn(s3.objects).length, 3)
  t.ok(uploads > 0)
  const asked = s3.requests.length
  await again.close()
  const last = await open(t, s3, {}, first.folder)
  await last.store.seal()
  t.same(
    s3.requests.slice(asked).filter(({ method }) => method === 'PUT'),
    [],
    'without anything new nothing is written',
  )
})

void t.test('answers that are lost', async (t) => {
  const s3 = await bucket(t)
  const seen = new Set<string>()
  // Each write is carried out, and answered with an error the first time.
  s3.fault = ({ key, method }) => {
    if (method !== 'PUT' || seen.has(key)) return undefined
    seen.add(key)
    return { status: 500, code: 'InternalError', stored: true }
  }
  const { store } = await open(t, s3)
  await push(store, { app: 'a' }, [['one', 0], ['two', DAY]]) // prettier-ignore
  await store.upkeep.sealNow()
  const flush = async (attempts: number): Promise<void> => {
    await store.objectStorage!.mirror.flush().catch(async (error: unknown) => {
      if (attempts === 0) throw error
      await flush(attempts - 1)
    })
  }
  await flush(20)
  t.equal(listedIn(s3.objects).length, 2)
  t.same(store.objectStorage!.mirror.pending, [])
})

void t.test('of two stores on one prefix, the first is told', async (t) => {
  const s3 = await bucket(t)
  const first = await open(t, s3)
  await fill(first.store)
  const second = await open(t, s3)
  await push(first.store, { app: 'a' }, ['only here'])
  await t.rejects(first.store.seal(), { message: /another store has begun to write/ })
  t.match(first.store.objectStorage!.mirror.problem, /another store has begun to write/)
  t.equal(first.store.objectStorage!.mirror.pending.length, 1)
  await push(second.store, { app: 'b' }, ['there'])
  await second.store.seal()
  t.equal((await linesOf(first.store)).filter((line) => line.includes('only here')).length, 1)
  const own = await open(t, s3, { objectStorage: undefined })
  await push(own.store, { app: 'c' }, ['of its own'])
  await own.close()
  const other = await open(t, s3, {}, own.folder)
  await t.rejects(other.store.seal(), { message: /holds another store/ })
})

void t.test('a bucket that is away', async (t) => {
  const s3 = await bucket(t)
  const first = await open(t, s3)
  await fill(first.store)
  const lines = await linesOf(first.store)
  await first.close()
  const second = await open(t, s3)
  s3.fault = ({ key }) => (key.endsWith('.parquet') ? { status: 403, code: 'AccessDenied' } : undefined)
  await t.rejects(linesOf(second.store), { status: 500, message: /in the bucket .*AccessDenied/ })
  s3.fault = ({ key }) => (key.endsWith('.parquet') ? { cutAt: 100 } : undefined)
  const asked = s3.requests.length
  await t.rejects(linesOf(second.store), { status: 500, message: /in the bucket/ })
  t.ok(s3.requests.length - asked > 4, 'tried again')
  t.same(await parquetIn(second.folder), [], 'nothing half is left')
  t.equal((await push(second.store, { app: 'a' }, [['late', 0.5]])).status, 204, 'late entries are taken')
  s3.fault = undefined
  t.same(
    (await linesOf(second.store)).filter((line) => !line.includes(' late ')),
    lines,
  )
  await second.close()
  s3.fault = () => ({ status: 403, code: 'AccessDenied' })
  await t.rejects(open(t, s3), { code: 'IO', message: /AccessDenied/ }, 'an empty store would answer nothing')
  const third = await open(t, s3, {}, second.folder)
  t.equal((await linesOf(third.store)).length, lines.length + 1, 'the disk has it')
  await third.close()
  s3.fault = undefined
  const fourth = await open(t, s3)
  await fourth.close()
  const without = await open(t, s3, { objectStorage: undefined }, fourth.folder)
  await t.rejects(linesOf(without.store), {
    message: /only in the bucket: open the store with its object_storage/,
  })
})

void t.test('a damaged file comes from the bucket', async (t) => {
  const s3 = await bucket(t)
  const first = await open(t, s3)
  await fill(first.store)
  const lines = await linesOf(first.store)
  await first.close()
  const [one, two] = (await parquetIn(first.folder)).sort()
  await truncate(join(first.folder, 'parquet', one!), 10)
  const second = await open(t, s3, {}, first.folder)
  t.same(await linesOf(second.store), lines)
  const path = join(first.folder, 'parquet', two!)
  const { size } = await stat(path)
  await writeFile(path, Buffer.alloc(size, 7))
  await t.rejects(linesOf(second.store), { message: /was set aside/ })
  t.same(await linesOf(second.store), lines)
  t.equal(listedIn(s3.objects).length, 4)
})

void t.test('other engines read what is in the bucket, as the docs show', async (t) => {
  const s3 = await bucket(t)
  const { store } = await open(t, s3)
  await fill(store)
  const folder = await storeFolder((run) => t.teardown(run))
  for (const [key, body] of s3.objects) {
    await mkdir(join(folder, dirname(key)), { recursive: true })
    await writeFile(join(folder, key), body)
  }
  const page = await readFile('docs/object-storage.md', 'utf8')
  const sql = /^```sql\n([^]*?)^```/m.exec(page)![1]!.replaceAll('s3://logs', folder)
  const { DuckDBInstance } = await import('@duckdb/node-api')
  const connection = await (await DuckDBInstance.create(':memory:')).connect()
  const [set = '', select = ''] = sql.split(/;\n/)
  await connection.run(set)
  const rows = (await connection.runAndReadAll(select)).getRowsJson()
  t.same(
    rows.map((row) => row.slice(0, 2)),
    [
      ['a', '4'],
      ['b', '3'],
    ],
  )
  connection.closeSync()
})
