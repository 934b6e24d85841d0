/** A store with a largest size stays below it, and keeps what is newest. */
import { randomBytes } from 'node:crypto'
import t from 'tap'
import { folderSize, largestSize } from '../../../support/folder-size.ts'
import { openStore, push, select, storeFolder, type TestLine } from '../../../support/store-harness.ts'

const MIB = 1024 ** 2

void t.test('three times as much is pushed as fits', async (t) => {
  const folder = await storeFolder((run) => t.teardown(run))
  const maxSize = 8 * MIB
  const store = await openStore(folder, { maxSize })
  t.teardown(() => store.close())
  const LINES = 200
  const PUSHES = 50
  const most = await largestSize(folder, 20, async () => {
    for (let i = 0; i < PUSHES; i++) {
      const lines = Array.from({ length: LINES }, (_, k): TestLine => {
        const noise = randomBytes(1600).toString('base64')
        return [`${i} ${k} ${noise}`, i + k / 1000]
      })
      const { status, message } = await push(store, { app: 'a' }, lines)
      t.equal(status, 204, message)
    }
  })
  t.ok(most <= maxSize * 1.1, `${(most / MIB).toFixed(1)} MiB at most`)
  t.equal(store.trouble, undefined)
  const kept = new Set((await select(store)).map(({ line }) => Number(line.split(' ', 1)[0])))
  t.ok(kept.has(PUSHES - 1), 'the newest')
  t.notOk(kept.has(0), 'not the oldest')
  t.same(
    [...kept],
    Array.from({ length: kept.size }, (_, i) => PUSHES - kept.size + i),
    'without a gap',
  )
  const size = await folderSize(folder)
  t.ok(size >= 0.5 * maxSize, `${(size / MIB).toFixed(1)} MiB are used`)
})
