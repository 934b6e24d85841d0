/** Sealing: queries, repetitions and restarts don't show which file an entry is in. */
import { open, readdir, readFile, rm, truncate, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import t from 'tap'
import { Turns } from '../../../../lib/flow/turns.ts'
import type { LogSelection } from '../../../../lib/logql/engine/querier.ts'
import { storeQuerier } from '../../../../lib/store/select.ts'
import {
  openStore,
  push,
  SECONDS,
  select,
  selection,
  storeFolder,
  type TestLine,
} from '../../../support/store-harness.ts'

const HOUR = 3600
const sealedIn = async (folder: string): Promise<string[]> =>
  (await readdir(join(folder, 'parquet'), { recursive: true }))
    .filter((name) => name.endsWith('.parquet'))
    .sort()

void t.test('a sealed store answers as before, also after a restart', async (t) => {
  const folder = await storeFolder((run) => t.teardown(run))
  const store = await openStore(folder)
  const long = 'ü'.repeat(5000)
  await push(store, { app: 'a' }, [
    ['one', 0],
    ['same', 1, [['k', 'v']]],
    ['same', 1],
    [long, 2],
  ])
  await push(store, { app: 'b' }, [['two', HOUR], ['three', HOUR + 1], ['\ufeffmark', 2 * HOUR]]) // prettier-ignore
  const ask = async (from: typeof store): Promise<unknown> => {
    const querier = storeQuerier(from)
    const lines = async (changes: Partial<LogSelection>): Promise<string[]> =>
      (await select(from, changes)).map(
        ({ line, stream, metadata }) => `${stream.text} ${line} ${String(metadata)}`,
      )
    const counts: unknown[] = []
    const step = {
      origin: { seconds: SECONDS, nanos: 0 },
      step: 60_000_000_000n,
      byMetadata: true,
      bytes: true,
    }
    for await (const batch of querier.counts({ ...selection(), ...step })) counts.push(...batch)
    return [
      await lines({}),
      await lines({ direction: 'backward' }),
      await lines({ direction: 'backward', limit: 3 }),
      await lines({ limit: 4 }),
      await lines({ filters: [{ operator: '|=', operands: [{ ip: false, text: 'three' }] }] }),
      await lines({ filters: [{ operator: '|=', operands: [{ ip: false, text: 'absent' }] }] }),
      await lines({ filters: [{ operator: '|=', operands: [{ ip: false, text: 'üüüü' }] }] }),
      await lines({ from: { seconds: SECONDS + 1, nanos: 0 }, to: { seconds: SECONDS + HOUR, nanos: 1 } }),
      await querier.statistics(selection()),
      await querier.statistics(selection({ to: { seconds: SECONDS + HOUR + 1, nanos: 0 } })),
      await querier.streams(selection({ to: { seconds: SECONDS + 1, nanos: 0 } })),
      await querier.streams(selection({ from: { seconds: SECONDS + HOUR + 2, nanos: 0 }, to: { seconds: SECONDS + HOUR + 3, nanos: 0 } })), // prettier-ignore
      counts,
    ]
  }
  const before = await ask(store)
  await store.upkeep.sealNow()
  t.same(await sealedIn(folder), [
    '2026-01-05/000002.parquet',
    '2026-01-05/000003.parquet',
    '2026-01-05/000004.parquet',
  ])
  t.same(await ask(store), before)
  t.same((await readdir(folder)).filter((name) => name.includes('duckdb')), ['store-000001.duckdb', 'store-000001.duckdb.wal']) // prettier-ignore
  await store.close()
  const again = await openStore(folder)
  t.teardown(() => again.close())
  t.same(await ask(again), before)
  t.equal(again.streams.size, 2)
})

void t.test('what is sealed is not stored again, late entries get a file of their own', async (t) => {
  const folder = await storeFolder((run) => t.teardown(run))
  const store = await openStore(folder)
  t.teardown(() => store.close())
  const lines: TestLine[] = [['one', 0], ['two', 1], ['three', 2]] // prettier-ignore
  await push(store, { app: 'a' }, lines)
  await store.upkeep.sealNow()
  await push(store, { app: 'a' }, [...lines, ['late', 1], ['four', 3]])
  t.same({ rows: store.counts.rows, repeats: store.counts.repeats }, { rows: 5, repeats: 3 })
  await store.upkeep.sealNow()
  await push(store, { app: 'a' }, [['late', 1], ['one', 0], ['four', 3]]) // prettier-ignore
  t.equal(store.counts.repeats, 6)
  t.same((await select(store)).map(({ line }) => line), ['one', 'two', 'late', 'three', 'four']) // prettier-ignore
  t.equal((await sealedIn(folder)).length, 2)
})

void t.test('sealing while pushes and queries go on', async (t) => {
  const store = await openStore(await storeFolder((run) => t.teardown(run)))
  t.teardown(() => store.close())
  let pushed = 0
  const pushing = (async () => {
    for (; pushed < 60; pushed++) await push(store, { app: 'a' }, [[`line ${pushed}`, pushed]])
  })()
  let least = 0
  while (pushed < 60) {
    await store.upkeep.sealNow()
    const acknowledged = pushed
    const found = (await select(store)).length
    t.ok(found >= acknowledged && found >= least, `${found} of ${acknowledged}`)
    least = found
  }
  await pushing
  t.same((await select(store)).map(({ line }) => line), Array.from({ length: 60 }, (_, i) => `line ${i}`)) // prettier-ignore
})

void t.test('sealing that fails begins no further files', async (t) => {
  const folder = await storeFolder((run) => t.teardown(run))
  const store = await openStore(folder)
  t.teardown(() => store.close())
  const { files } = store.database
  // Sealed files can't be written below a file.
  await writeFile(join(folder, 'parquet'), '')
  for (let i = 0; i < 5; i++) {
    await push(store, { app: 'a' }, [[`line ${i}`, i]])
    await t.rejects(store.upkeep.sealNow())
  }
  t.equal(files.manifest.hot.length, 2, 'one that waits and one that takes entries')
  t.equal((await select(store)).length, 5)
  await rm(join(folder, 'parquet'))
  await store.upkeep.sealNow()
  t.equal(files.manifest.hot.length, 1)
  t.equal(
    files.manifest.parts.reduce((sum, { rows }) => sum + rows, 0),
    5,
  )
  t.equal((await select(store)).length, 5)
})

void t.test('stores of one process seal one after the other', async (t) => {
  const sealing = new Turns({ running: 1 })
  const folder = await storeFolder((run) => t.teardown(run))
  const store = await openStore(folder, { shared: { stores: 2, sealing } })
  await push(store, { app: 'a' }, ['one'])
  const end = await sealing.take()
  const sealed = store.upkeep.sealNow()
  while (sealing.waiting === 0) await new Promise((resolve) => setImmediate(resolve))
  t.same(store.database.files.manifest.parts, [], 'another store is sealing')
  t.equal((await select(store)).length, 1)
  end!()
  await sealed
  t.equal((await sealedIn(folder)).length, 1)
  await store.close()
})

void t.test('what a crash has left is removed, what the manifest names stays', async (t) => {
  const folder = await storeFolder((run) => t.teardown(run))
  const store = await openStore(folder)
  await push(store, { app: 'a' }, ['one'])
  await store.upkeep.sealNow()
  await store.close()
  const manifest = JSON.parse(await readFile(join(folder, 'manifest.json'), 'utf8')) as { nextStream: number }
  t.equal(manifest.nextStream, 2)
  const [sealed] = await sealedIn(folder)
  const day = join('parquet', dirname(sealed!))
  const left = ['manifest.json.7.1.tmp', 'deletes.json.7.2.tmp', 'streams-000099.jsonl', 'streams-000099.jsonl.7.3.tmp', 'store-000099.duckdb', 'store-000099.duckdb.wal', join(day, '000099.parquet'), join(day, '000099.idx'), join(day, '000098.idx.7.4.tmp')] // prettier-ignore
  const others = ['notes.tmp', join(day, 'notes.parquet')]
  for (const name of [...left, ...others]) await writeFile(join(folder, name), '')
  const again = await openStore(folder)
  t.teardown(() => again.close())
  t.equal((await select(again)).length, 1)
  const found = await readdir(folder, { recursive: true })
  t.same(left.filter((name) => found.includes(name)), []) // prettier-ignore
  t.same(others.filter((name) => !found.includes(name)), []) // prettier-ignore
  t.ok(found.includes(join('parquet', sealed!)))
})

void t.test('damaged files are set aside, and the rest is served', async (t) => {
  const folder = await storeFolder((run) => t.teardown(run))
  const store = await openStore(folder)
  for (let hour = 0; hour < 4; hour++) {
    const lines = Array.from({ length: 500 }, (_, i): TestLine => [
      `hour ${hour} ${Math.sqrt(i)}`,
      hour * HOUR + i,
    ])
    await push(store, { app: 'a' }, lines)
  }
  await store.upkeep.sealNow()
  const [first, second, third] = (await sealedIn(folder)).map((name) => join(folder, 'parquet', name))
  const hours = async (from: typeof store): Promise<string[]> =>
    [...new Set((await select(from)).map(({ line }) => line.slice(0, 6)))] // prettier-ignore
  const file = await open(first!, 'r+')
  await file.write(Buffer.alloc(200, 0x5a), 0, 200, 3000)
  await file.close()
  await t.rejects(hours(store), { name: 'LogqlError', message: /^parquet\/.*000002.parquet can't be read and was set aside/ }) // prettier-ignore
  t.same(await hours(store), ['hour 1', 'hour 2', 'hour 3'])
  await store.close()
  await truncate(second!, 1000)
  await rm(third!)
  const again = await openStore(folder)
  t.teardown(() => again.close())
  t.same(await hours(again), ['hour 3'])
  t.ok((await readdir(join(folder, 'parquet', '2026-01-05'))).includes('000003.parquet.damaged'))
  await push(again, { app: 'a' }, [['more', 4 * HOUR]])
  t.same(await hours(again), ['hour 3', 'more'])
})

void t.test('a missing list of files is not taken for a new store', async (t) => {
  const folder = await storeFolder((run) => t.teardown(run))
  const store = await openStore(folder)
  await push(store, { app: 'a' }, ['one'])
  await store.upkeep.sealNow()
  await store.close()
  const list = join(folder, 'manifest.json')
  const text = await readFile(list)
  await rm(list)
  await t.rejects(openStore(folder), {
    code: 'IO',
    message: /manifest.json" is missing, but .*parquet holds files/,
  })
  await writeFile(list, text.subarray(0, 50))
  await t.rejects(openStore(folder), {
    code: 'IO',
    message: /manifest.json" is damaged .*put a copy of it back/,
  })
  await writeFile(list, text)
  const again = await openStore(folder)
  t.equal((await select(again)).length, 1)
  await again.close()
})

void t.test('a damaged index costs time, not answers', async (t) => {
  const folder = await storeFolder((run) => t.teardown(run))
  const store = await openStore(folder)
  await push(store, { app: 'a' }, ['one'])
  await store.upkeep.sealNow()
  await store.close()
  await writeFile(join(folder, 'parquet', '2026-01-05', '000002.idx'), 'not an index')
  const again = await openStore(folder)
  t.teardown(() => again.close())
  const filters = [{ operator: '|=' as const, operands: [{ ip: false, text: 'one' }] }]
  t.equal((await select(again, { filters })).length, 1)
  t.equal((await storeQuerier(again).streams(selection())).length, 1)
  t.equal((await storeQuerier(again).statistics(selection())).length, 1)
})

void t.test('small files of days that are over are joined', async (t) => {
  const folder = await storeFolder((run) => t.teardown(run))
  const clock = { now: () => Date.now(), after: () => ({ cancel: () => {} }) }
  const store = await openStore(folder, {}, clock)
  t.teardown(() => store.close())
  const DAY = 24 * HOUR
  for (let i = 0; i < 6; i++) {
    await push(store, { app: 'a' }, [[`line ${i}`, i * HOUR], [`same ${i}`, i * HOUR]]) // prettier-ignore
    await push(store, { app: 'b' }, [[`next day ${i}`, DAY + i]])
    await store.upkeep.sealNow()
  }
  const before = await select(store)
  t.equal(await store.upkeep.compact(BigInt(SECONDS + DAY) * 1_000_000_000n), 6)
  t.same(await select(store), before)
  t.equal(store.database.files.manifest.parts.length, 1 + 6)
  await push(store, { app: 'a' }, [['line 5', 5 * HOUR]])
  t.equal(store.counts.repeats, 1)
})

void t.test('long lines of one hour are sealed into files that fit into memory', async (t) => {
  const folder = await storeFolder((run) => t.teardown(run))
  const store = await openStore(folder, { threads: 2, maxMemory: 128 * 1024 ** 2 })
  const text = ' at org.example.Service.call(Service.java:42)'.repeat(86)
  const lines = 5000
  for (let first = 0; first < lines; first += 500)
    await push(
      store,
      { app: 'a' },
      Array.from({ length: 500 }, (_, i): TestLine => [`${first + i}${text}`, first + i]),
    )
  await store.upkeep.sealNow()
  const { parts } = store.database.files.manifest
  t.ok(parts.length > 2, 'an hour has more than one file')
  t.equal(
    parts.reduce((sum, { rows }) => sum + rows, 0),
    lines,
  )
  const read = await select(store, { limit: lines, to: { seconds: SECONDS + 2 * HOUR, nanos: 0 } })
  t.same(
    read.map(({ line }) => Number(line.split(' ', 1)[0])),
    Array.from({ length: lines }, (_, i) => i),
  )
  await store.close()
})
