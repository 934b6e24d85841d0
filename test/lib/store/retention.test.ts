/** What is too old goes away, and its streams with it. */
import t from 'tap'
import type { LabelMatcher } from '../../../lib/logql/syntax/ast.ts'
import { storeQuerier } from '../../../lib/store/select.ts'
import { folderSize } from '../../support/folder-size.ts'
import { openStore, push, SECONDS, select, selection, storeFolder } from '../../support/store-harness.ts'

const DAY = 86_400_000

void t.test('entries older than the retention are deleted', async (t) => {
  const folder = await storeFolder((run) => t.teardown(run))
  let now = SECONDS * 1000
  const clock = { now: () => now, after: () => ({ cancel: () => {} }) }
  const options = { retention: DAY }
  const store = await openStore(folder, options, clock)
  await push(store, { app: 'old' }, [['old', 0]])
  await push(store, { app: 'both' }, [
    ['old as well', 0],
    ['just kept', 60],
  ])
  t.equal(await store.deleteOld(), 0)
  now += DAY + 60_000
  t.equal(await store.deleteOld(), 2)
  t.same(
    (await select(store)).map(({ line }) => line),
    ['just kept'],
  )
  t.equal(store.streams.size, 1)
  await push(store, { app: 'old' }, [['back', 120]])
  await store.close()
  const again = await openStore(folder, options, clock)
  t.teardown(() => again.close())
  t.same(
    (await select(again)).map(({ line }) => line),
    ['just kept', 'back'],
  )
})

void t.test('a stream that is being written to stays', async (t) => {
  let now = SECONDS * 1000
  const clock = { now: () => now, after: () => ({ cancel: () => {} }) }
  const store = await openStore(await storeFolder((run) => t.teardown(run)), { retention: 1000 }, clock)
  t.teardown(() => store.close())
  await push(store, { app: 'a' }, [['old', 0]])
  now += 5000
  t.equal(await store.deleteOld(), 1)
  t.equal(store.streams.size, 1)
  await push(store, { app: 'a' }, [['new', 5]])
  t.same(
    (await select(store)).map(({ line }) => line),
    ['new'],
  )
})

void t.test('it happens by itself, and not without a retention', async (t) => {
  const due: number[] = []
  const clock = {
    now: () => SECONDS * 1000,
    after: (ms: number) => {
      due.push(ms)
      return { cancel: () => {} }
    },
  }
  const first = await openStore(await storeFolder((run) => t.teardown(run)), { retention: 1000 }, clock)
  await first.close()
  t.same(due.filter((ms) => ms !== 1000), [0], 'without the looks at health') // prettier-ignore
  const second = await openStore(await storeFolder((run) => t.teardown(run)), {}, clock)
  t.equal(await second.deleteOld(), 0)
  await second.close()
  t.same(due.filter((ms) => ms !== 1000), [0], 'without the looks at health') // prettier-ignore
})

void t.test('sealed files go when all of their entries are too old', async (t) => {
  const folder = await storeFolder((run) => t.teardown(run))
  let now = SECONDS * 1000
  const clock = { now: () => now, after: () => ({ cancel: () => {} }) }
  const store = await openStore(folder, { retention: DAY }, clock)
  t.teardown(() => store.close())
  await push(store, { app: 'a' }, [['old', -7200], ['kept', 0]]) // prettier-ignore
  await push(store, { app: 'gone' }, [['gone', -7200]])
  await store.upkeep.sealNow()
  const before = await folderSize(folder)
  now += DAY - 3_600_000
  t.same((await select(store)).map(({ line }) => line), ['kept'], 'not found from then on') // prettier-ignore
  t.equal(await store.deleteOld(), 2)
  t.same((await select(store)).map(({ line }) => line), ['kept']) // prettier-ignore
  await store.database.files.settled()
  t.ok((await folderSize(folder)) < before, 'the folder shrinks')
  t.equal(store.database.files.manifest.parts.length, 1)
  t.equal(store.streams.size, 1)
})

void t.test('streams with a retention of their own', async (t) => {
  const folder = await storeFolder((run) => t.teardown(run))
  let now = SECONDS * 1000
  const clock = { now: () => now, after: () => ({ cancel: () => {} }) }
  const matcher = (value: string): LabelMatcher[] => [{ name: 'app', operator: '=', value }]
  const retentionStreams = [
    { matchers: matcher('short'), period: DAY / 24, priority: 0 },
    { matchers: matcher('ever'), period: 0, priority: 0 },
    { matchers: [{ name: 'app', operator: '=~' as const, value: '.+' }], period: DAY, priority: -1 },
  ]
  const options = { retention: DAY, retentionStreams }
  const store = await openStore(folder, options, clock)
  for (const app of ['short', 'usual', 'ever']) await push(store, { app }, [[app, 1]])
  const found = async (): Promise<string[]> => (await select(store)).map(({ line }) => line).sort()
  now += DAY / 24 + 5000
  t.same(await found(), ['ever', 'usual'])
  t.equal(await store.deleteOld(), 1)
  await push(store, { app: 'short' }, [['late', DAY / 24 / 1000]])
  await store.upkeep.sealNow()
  t.same(await found(), ['ever', 'late', 'usual'])
  now += DAY / 24
  t.same(await found(), ['ever', 'usual'])
  t.equal(await store.deleteOld(), 1)
  now += DAY
  t.equal(await store.deleteOld(), 1)
  t.same(await found(), ['ever'])
  t.same((await storeQuerier(store).streams(selection())).map(({ text }) => text), ['{app="ever", service_name="ever"}']) // prettier-ignore
  await store.close()
  const again = await openStore(folder, options, clock)
  t.teardown(() => again.close())
  t.same(
    (await select(again)).map(({ line }) => line),
    ['ever'],
  )
})

void t.test('in one sealed file, those that are too old are cut out', async (t) => {
  const folder = await storeFolder((run) => t.teardown(run))
  let now = SECONDS * 1000
  const clock = { now: () => now, after: () => ({ cancel: () => {} }) }
  const matchers: LabelMatcher[] = [{ name: 'app', operator: '=', value: 'short' }]
  const store = await openStore(folder, { retentionStreams: [{ matchers, period: DAY, priority: 0 }] }, clock)
  t.teardown(() => store.close())
  for (const app of ['short', 'ever']) await push(store, { app }, [[`${app} needle`, 1]])
  await store.upkeep.sealNow()
  const [before] = store.database.files.manifest.parts
  now += 2 * DAY
  t.equal(await store.deleteOld(), 1)
  const [after] = store.database.files.manifest.parts
  t.match(after, { rows: 1 })
  t.not(after!.file, before!.file)
  const filters = [{ operator: '|=' as const, operands: [{ ip: false, text: 'needle' }] }]
  t.same((await select(store, { filters })).map(({ line }) => line), ['ever needle']) // prettier-ignore
  t.equal(await store.deleteOld(), 0)
})
