/** Deletion: hidden at once, deleted from sealed and unsealed files later, the same after a restart or a join of files. */
import { readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import assert from 'node:assert/strict'
import fc from 'fast-check'
import t from 'tap'
import { quote } from '../../../../lib/go/strconv/quote.ts'
import { compileLineFilter } from '../../../../lib/logql/stages/filter.ts'
import { storeQuerier } from '../../../../lib/store/select.ts'
import type { LogStore } from '../../../../lib/store/store.ts'
import { openStore, push, SECONDS, select, selection, storeFolder, type TestLine } from '../../../support/store-harness.ts' // prettier-ignore

const HOUR = 3600
const DAY_MS = 24 * 3_600_000
const NOW = (SECONDS + 10 * HOUR) * 1000

/** A clock that stands still, with timers that never run. */
class StillClock {
  ms = NOW
  now(): number {
    return this.ms
  }
  after(): { cancel(): void } {
    return { cancel: () => {} }
  }
}

const all = { from: (SECONDS - HOUR) * 1000, to: NOW }
const lines = async (store: LogStore): Promise<string[]> => (await select(store)).map(({ line }) => line.slice(0, 20)) // prettier-ignore

async function filled(store: LogStore): Promise<void> {
  for (let hour = 0; hour < 3; hour++)
    await push(store, { app: 'a' }, [[`a ${hour} keep`, hour * HOUR], [`a ${hour} 'secret'\0`, hour * HOUR + 1]]) // prettier-ignore
  await push(store, { app: 'b' }, [['b secret', 0]])
}

void t.test('hidden at once, deleted after the grace period', async (t) => {
  const folder = await storeFolder((run) => t.teardown(run))
  const clock = new StillClock()
  let store = await openStore(folder, {}, clock)
  t.teardown(() => store.close())
  await filled(store)
  await store.upkeep.sealNow()
  await push(store, { app: 'a' }, [["a late 'secret'\0", 2]])
  await store.deletions.add({ ...all, query: `{app="a"} |= "'secret'\\x00" |~ "(?i)SECRET"` })
  const left = ['a 0 keep', 'b secret', 'a 1 keep', 'a 2 keep']
  t.same((await lines(store)).sort(), [...left].sort())
  const statistics = await storeQuerier(store).statistics(selection())
  t.equal(statistics.reduce((sum, { entries }) => sum + entries, 0), 4) // prettier-ignore
  const counts: number[] = []
  const step = { origin: { seconds: SECONDS - 1, nanos: 0 }, step: 86_400_000_000_000n }
  for await (const batch of storeQuerier(store).counts({ ...selection(), ...step, byMetadata: false, bytes: false })) counts.push(...batch.map(({ entries }) => entries)) // prettier-ignore
  t.same(
    counts.sort((a, b) => a - b),
    [1, 3],
  )

  await store.deletions.process()
  t.equal(store.database.files.manifest.parts.reduce((sum, { rows }) => sum + rows, 0), 7, 'too early') // prettier-ignore
  await store.close()
  store = await openStore(folder, {}, clock)
  t.same((await lines(store)).sort(), [...left].sort(), 'also after a restart')
  clock.ms += DAY_MS + 1
  await store.deletions.process()
  t.same(store.deletions.requests.pending, [])
  t.equal(store.database.files.manifest.parts.reduce((sum, { rows }) => sum + rows, 0), 4, 'from the disk') // prettier-ignore
  t.same((await lines(store)).sort(), [...left].sort())
  await push(store, { app: 'a' }, [["a 2 'secret'\0", 2 * HOUR + 1]])
  t.equal((await lines(store)).length, 5, 'what comes in again afterwards stays')
})

void t.test('sixty requests for some of the streams fit into 64 MiB', async (t) => {
  const folder = await storeFolder((run) => t.teardown(run))
  const store = await openStore(folder, {}, new StillClock())
  t.teardown(() => store.close())
  for (let i = 0; i < 20; i++) await push(store, { app: `a${i}` }, [`keep ${i}`, `secret ${i}`])
  for (let i = 0; i < 60; i++)
    await store.deletions.add({ ...all, query: `{app=~"a.*[13579]"} |= "secret ${i}"` })
  const left = await lines(store)
  const expected = Array.from({ length: 20 }, (_, i) => (i % 2 === 0 ? [`keep ${i}`, `secret ${i}`] : [`keep ${i}`])) // prettier-ignore
  t.same(left.toSorted(), expected.flat().toSorted())
})

void t.test('whole files go, times are inclusive, cancelled requests delete nothing', async (t) => {
  const clock = new StillClock()
  const store = await openStore(await storeFolder((run) => t.teardown(run)), {}, clock)
  t.teardown(() => store.close())
  await filled(store)
  await store.upkeep.sealNow()
  const request = { from: SECONDS * 1000, to: (SECONDS + HOUR) * 1000, query: '{app=~".+"}' }
  const cancelled = await store.deletions.add(request)
  t.same(await lines(store), ["a 1 'secret'\0", 'a 2 keep', "a 2 'secret'\0"])
  await store.deletions.cancel(cancelled)
  t.equal((await lines(store)).length, 7)
  await store.deletions.add(request)
  clock.ms += DAY_MS + 1
  await store.deletions.process()
  t.same(await lines(store), ["a 1 'secret'\0", 'a 2 keep', "a 2 'secret'\0"])
  t.equal(store.database.files.manifest.parts.length, 2)
})

void t.test('long lines, which are in files of their own', async (t) => {
  const clock = new StillClock()
  const store = await openStore(await storeFolder((run) => t.teardown(run)), {}, clock)
  t.teardown(() => store.close())
  const long = (word: string): string => `${word} ${'x'.repeat(5000)}`
  await push(store, { app: 'a' }, [[long('keep'), 0], [long('secret'), 1], ['secret', 2], ['keep', 3]]) // prettier-ignore
  await store.upkeep.sealNow()
  await push(store, { app: 'a' }, [[long('secret hot'), 4]])
  await store.deletions.add({ ...all, query: '{app="a"} |= "secret"' })
  t.equal((await lines(store)).length, 2)
  clock.ms += DAY_MS + 1
  await store.deletions.process()
  t.same((await lines(store)).map((line) => line.slice(0, 4)), ['keep', 'keep']) // prettier-ignore
  t.equal(
    store.database.files.manifest.parts.reduce((sum, { rows }) => sum + rows, 0),
    2,
  )
})

void t.test('while files are joined', async (t) => {
  const clock = new StillClock()
  const options = { deleteRequestCancelPeriod: 0 }
  const store = await openStore(await storeFolder((run) => t.teardown(run)), options, clock)
  t.teardown(() => store.close())
  for (let i = 0; i < 6; i++) {
    await push(store, { app: 'a' }, [[`keep ${i}`, i], [`secret ${i}`, i]]) // prettier-ignore
    await store.upkeep.sealNow()
  }
  await store.deletions.add({ ...all, query: '{app="a"} |= "secret"' })
  await Promise.all([store.upkeep.compact(2n ** 62n), store.deletions.process()])
  t.same(store.deletions.requests.pending, [])
  t.same(await lines(store), Array.from({ length: 6 }, (_, i) => `keep ${i}`)) // prettier-ignore
  t.equal(
    store.database.files.manifest.parts.reduce((sum, { rows }) => sum + rows, 0),
    6,
  )
})

void t.test('filter-only hides, disabled does nothing, a damaged list is named', async (t) => {
  const folder = await storeFolder((run) => t.teardown(run))
  const clock = new StillClock()
  const open = (deletionMode: 'filter-only' | 'disabled'): Promise<LogStore> => openStore(folder, { deletionMode }, clock) // prettier-ignore
  let store = await open('filter-only')
  const seen: TestLine[] = [['one', 0], ['two', 1]] // prettier-ignore
  await push(store, { app: 'a' }, seen)
  await store.deletions.add({ ...all, query: '{app="a"} |= "one"' })
  t.same(await lines(store), ['two'])
  await store.close()
  store = await open('disabled')
  t.same(await lines(store), ['one', 'two'])
  await store.close()
  const list = join(folder, 'deletes.json')
  const text = await readFile(list, 'utf8')
  await writeFile(list, text.slice(0, 20))
  await t.rejects(open('filter-only'), { code: 'IO', message: /deletes.json" can't be read/ })
})

void t.test('what SQL hides is what the line filters of LogQL pass', async (t) => {
  const clock = new StillClock()
  const store = await openStore(await storeFolder((run) => t.teardown(run)), {}, clock)
  t.teardown(() => store.close())
  const word = fc.constantFrom(
    'secret',
    "it's",
    'a.c',
    'abc',
    '(',
    '\\',
    '\0',
    '$1',
    'é',
    '\ud83d\ude00',
    '%',
    '\n',
    '',
  )
  const text = fc.array(word, { maxLength: 4 }).map((words) => words.join(' '))
  const filter = fc.record({
    operator: fc.constantFrom('|=' as const, '!=' as const, '|~' as const, '!~' as const),
    text,
  })
  let app = 0
  await fc.assert(
    fc.asyncProperty(
      fc.array(text, { minLength: 1, maxLength: 12 }),
      fc.array(filter, { maxLength: 2 }),
      fc.constantFrom(false, false, true),
      async (given, filters, sealed) => {
        const labels = { app: `app${++app}` }
        const seen = [...new Set(given)]
        await push(store, labels, seen.map((line, i): TestLine => [line, i])) // prettier-ignore
        if (sealed) await store.upkeep.sealNow()
        const shown = filters.map((each) => ({
          ...each,
          text: each.operator.endsWith('~')
            ? each.text.replaceAll(/[\\.+*?()|[\]{}^$]/g, String.raw`\$&`)
            : each.text,
        }))
        const query = `{app="app${app}"}${shown.map((each) => ` ${each.operator} ${quote(each.text)}`).join('')}`
        await store.deletions.add({ ...all, query })
        const tests = shown.map(({ operator, text: operand }) =>
          compileLineFilter({ operator, operands: [{ ip: false, text: operand }] }),
        )
        const left = seen.filter((line) => !tests.every((test) => test(line)))
        const matchers = [{ name: 'app', operator: '=' as const, value: labels.app }]
        const found = (await select(store, { matchers })).map(({ line }) => line)
        assert.deepEqual(found, left, query)
      },
    ),
    { numRuns: 10 },
  )
  t.ok(app >= 10)
})
