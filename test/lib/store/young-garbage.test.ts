/** Collecting what was made a moment ago. */
import { getHeapSpaceStatistics } from 'node:v8'
import { runInNewContext } from 'node:vm'
import t from 'tap'
import { collectYoung } from '../../../lib/store/young-garbage.ts'

function youngBytes(): number {
  return getHeapSpaceStatistics().find(({ space_name }) => space_name === 'new_space')!.space_used_size
}

void t.test('what nothing refers to is gone', (t) => {
  collectYoung()
  const before = youngBytes()
  for (let i = 0; i < 1000; i++) Array.from({ length: 32 }, () => i)
  t.ok(youngBytes() > before + 200_000)
  collectYoung()
  t.ok(youngBytes() < before + 50_000)
  t.end()
})

void t.test('contexts have no function for it', (t) => {
  collectYoung()
  t.equal(typeof gc, 'undefined')
  t.equal(runInNewContext('typeof gc'), 'undefined')
  t.end()
})
