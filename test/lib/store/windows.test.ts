/** How the range of a query is cut: nothing is left out, nothing is read twice. */
import t from 'tap'
import fc from 'fast-check'
import { conditionsOf } from '../../../lib/store/conditions.ts'
import { pieces, windowsOf } from '../../../lib/store/windows.ts'
import { openStore, push, SECONDS, select, selection, storeFolder } from '../../support/store-harness.ts'

const time = fc.bigInt({ min: -1000n, max: 1000n })

void t.test('pieces are the whole span, in the order that is wanted', (t) => {
  fc.assert(
    fc.property(
      fc.tuple(time, time, time, time),
      fc.double({ min: 0, max: 1, noNaN: true }),
      fc.constantFrom('backward' as const, 'forward' as const),
      (times, share, direction) => {
        const [from, oldest, newest, to] = times.toSorted((a, b) => Number(a - b)) as [
          bigint,
          bigint,
          bigint,
          bigint,
        ]
        const found = [...pieces({ from, to }, { oldest, newest }, share, direction)]
        const inOrder = direction === 'backward' ? found.toReversed() : found
        let at = from
        for (const piece of inOrder) {
          t.equal(piece.from, at)
          t.ok(piece.to > piece.from)
          at = piece.to
        }
        t.equal(at, to)
      },
    ),
  )
  t.end()
})

void t.test('the first piece is the share of the time that has rows, the next eight times that', (t) => {
  const span = { from: 0n, to: 1_000_000n }
  const extent = { oldest: 100_000n, newest: 900_000n }
  t.same([...pieces(span, extent, 0.01, 'backward')].slice(0, 2), [
    { from: 891_999n, to: 1_000_000n },
    { from: 827_991n, to: 891_999n },
  ])
  t.same([...pieces(span, extent, 0.01, 'forward')].slice(0, 2), [
    { from: 0n, to: 108_001n },
    { from: 108_001n, to: 172_009n },
  ])
  t.end()
})

void t.test('a large file is cut by what its index has of the streams, without reading it', async (t) => {
  const store = await openStore(await storeFolder((run) => t.teardown(run)), { discoverServiceName: [] })
  t.teardown(() => store.close())
  for (const app of ['a', 'b'])
    await push(
      store,
      { app },
      Array.from({ length: 1000 }, (_, i) => [`line ${i}`, (i * 600) / 1000] as const),
    )
  await store.upkeep.sealNow()
  const wanted = selection({ matchers: [{ name: 'app', operator: '=', value: 'a' }] })
  const conditions = await conditionsOf(store, wanted, [])
  store.database.take = () => Promise.reject(new Error('it is read'))
  const span = { from: 0n, to: 4_000_000_000_000_000_000n }
  const windows = await windowsOf(store, conditions!, wanted, span, { rows: 400, bytes: 1e6 })
  Reflect.deleteProperty(store.database, 'take')
  t.equal(windows[0]?.from, span.from)
  t.equal(windows.at(-1)?.to, span.to)
  const counts: number[] = []
  for (const [i, { from, to }] of windows.entries()) {
    if (i > 0) t.equal(from, windows[i - 1]?.to)
    const moment = (time: bigint): { seconds: number; nanos: number } => ({
      seconds: Number(time / 1_000_000_000n),
      nanos: Number(time % 1_000_000_000n),
    })
    const found = await select(store, { ...wanted, from: moment(from), to: moment(to) })
    counts.push(found.length)
  }
  t.equal(
    counts.reduce((sum, count) => sum + count, 0),
    1000,
    `all lines since ${SECONDS}`,
  )
  t.ok(counts.length >= 3 && counts.length <= 5, 'few windows')
  t.ok(
    counts.every((count) => count <= 400),
    'of at most 400 rows',
  )
})

void t.test('a window that is half full ends with a file', async (t) => {
  const store = await openStore(await storeFolder((run) => t.teardown(run)), { discoverServiceName: [] })
  t.teardown(() => store.close())
  // Three hours, each of them a file.
  const hour = (at: number): [string, number][] =>
    Array.from({ length: 1000 }, (_, i) => [`line ${i}`, at * 3600 + (i * 3599) / 1000])
  await push(store, { app: 'a' }, [0, 1, 2].flatMap(hour))
  await store.upkeep.sealNow()
  const ends = store.database.files.manifest.parts.map(({ to }) => to + 1n).sort((a, b) => (a < b ? -1 : 1))
  t.equal(ends.length, 3)
  const all = selection()
  const conditions = await conditionsOf(store, all, [])
  const span = { from: 0n, to: 4_000_000_000_000_000_000n }
  const cuts = async (rows: number): Promise<bigint[]> => {
    const windows = await windowsOf(store, conditions!, all, span, { rows, bytes: 1e9 })
    return windows.slice(1).map(({ from }) => from)
  }
  t.same(await cuts(1500), ends.slice(0, 2), 'not at 1,500 lines')
  t.same(await cuts(2900), [ends[1]], 'two files of three')
  t.same(await cuts(3000), [], 'all of them')
})
