/** The store for minutes: fifty kills while it seals, joins, deletes and copies, and the recorded queries on a sealed store. */
import { readdir } from 'node:fs/promises'
import { join } from 'node:path'
import t, { type Test } from 'tap'
import { systemClock } from '../../lib/flow/clock.ts'
import { backUp } from '../../lib/store/sealed/backup.ts'
import { openStore, select, StoreHarness, storeFolder } from '../support/store-harness.ts'
import { ACTIVITIES, countLines, killRound, LINES_PER_PUSH } from '../support/store-kill.ts'
import { problemsOf, pushFixture, RECORDED } from '../support/recorded-queries.ts'

const ROUNDS = Number(process.env['ROUNDS'] ?? 50)

const MAX_MEMORY = 128 * 1024 ** 2

/** A backup that was being written: what it was before is whole, or it isn't there yet. */
async function checkCopy(t: Test, folder: string): Promise<void> {
  const names = await readdir(folder).catch((): string[] => [])
  if (!names.includes('manifest.json')) return
  // What is to be deleted counts too: it's still in the files.
  const copy = await openStore(folder, { deletionMode: 'disabled' })
  try {
    const { manifest } = copy.database.files
    const found = await select(copy)
    t.equal(found.length, manifest.parts.reduce((sum, { rows }) => sum + rows, 0)) // prettier-ignore
    t.equal(countLines(found.map(({ line }) => line)).doubled, 0)
    const all = await readdir(folder, { recursive: true })
    t.notOk(all.some((name) => name.endsWith('.damaged')))
  } finally {
    await copy.close()
  }
}

void t.test('kill -9 at any step of what a store does', { timeout: 1_800_000 }, async (t) => {
  const folder = join(await storeFolder((run) => t.teardown(run)), 'store')
  const acknowledged: number[] = []
  const activities = [undefined, ...ACTIVITIES]
  let next = 0
  let most = 0
  for (let round = 0; round < ROUNDS; round++) {
    const activity = activities[round % activities.length]
    const result = await killRound(folder, next, 50 + Math.random() * 1950, acknowledged, activity)
    acknowledged.push(...result.acknowledged)
    most = Math.max(most, result.peak)
    t.same(
      { missing: result.missing, doubled: result.doubled },
      { missing: [], doubled: 0 },
      `round ${round}: ${activity ?? 'ingest'}`,
    )
    if (activity === 'backup') await checkCopy(t, `${folder}-copy`)
    next = result.next
  }
  t.comment(`${acknowledged.length * LINES_PER_PUSH} lines were acknowledged, ${most / 1e6} MB at most`)
  t.ok(most <= 1.3 * MAX_MEMORY + 150e6, `${most / 1e6} MB of memory`)

  const store = await openStore(
    folder,
    {},
    { now: () => Date.now() + 3_600_000, after: (ms, run) => systemClock.after(ms, run) },
  )
  await store.upkeep.sealNow()
  await backUp(folder, `${folder}-copy`, Date.now())
  await store.close()
  t.notOk(
    (await readdir(folder)).some((name) => name.startsWith('export-')),
    'no copy is left',
  )
  const copy = await openStore(`${folder}-copy`)
  t.teardown(() => copy.close())
  const { pushes, doubled } = countLines((await select(copy)).map(({ line }) => line))
  t.equal(doubled, 0)
  t.same(acknowledged.filter((number) => pushes.get(number) !== LINES_PER_PUSH), [], 'the backup has all of it') // prettier-ignore
})

for (const { folder, options, more } of RECORDED)
  void t.test(`sealed: ${folder}`, { timeout: 300_000 }, async (t) => {
    const path = await storeFolder((run) => t.teardown(run))
    const harness = new StoreHarness({ path, ...options })
    await harness.component.start!()
    t.teardown(() => harness.end())
    for (const file of ['dataset', 'dataset-edge', ...more])
      t.equal(await pushFixture(harness.url, file), 204, file)
    await harness.component.store!.upkeep.sealNow()
    for (const [group, problems] of await problemsOf(harness.url, folder)) t.strictSame(problems, [], group)
  })
