import t from 'tap'
import { parseMatchers } from '../../../../lib/logql/syntax/parse.ts'
import { storeArrivals } from '../../../../lib/store/query/arrivals.ts'
import { openStore, push, storeFolder } from '../../../support/store-harness.ts'

void t.test('in the order in which they came, from a place on', async (t) => {
  const store = await openStore(await storeFolder((run) => t.teardown(run)))
  t.teardown(() => store.close())
  const arrivals = storeArrivals(store)
  const web = parseMatchers('{app="web"}')
  t.equal(await arrivals.newest(), -1n)
  t.match(await arrivals.since(-1n, web, 10), { place: -1n, entries: [] })
  await push(store, { app: 'web' }, [['old', 5]])
  const place = await arrivals.newest()
  await push(store, { app: 'web' }, [
    ['late', 9, [['id', '7']]],
    ['early', 1.5],
  ])
  await push(store, { app: 'db' }, [['other', 2]])
  const found = await arrivals.since(place, web, 10)
  t.strictSame(
    found.entries.map(({ line }) => line),
    ['late', 'early'],
  )
  t.match(found.entries[0]?.metadata, [
    ['detected_level', 'unknown'],
    ['id', '7'],
  ])
  t.equal(found.entries[1]?.nanos, 500_000_000)
  t.equal(found.place, await arrivals.newest())
  t.match(await arrivals.since(found.place, web, 10), { place: found.place, entries: [] })
  const first = await arrivals.since(place, web, 1)
  t.equal(first.entries[0]?.line, 'late')
  t.equal((await arrivals.since(first.place, web, 1)).entries[0]?.line, 'early')
  t.strictSame((await arrivals.since(place, parseMatchers('{app="none"}'), 10)).entries, [])
  t.equal((await arrivals.since(1000n, web, 10)).place, await arrivals.newest())
})
