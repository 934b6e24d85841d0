import t from 'tap'
import { RecentLines } from '../../../lib/telemetry/recent-lines.ts'

void t.test('the newest lines, in order', (tap) => {
  const recent = new RecentLines(3)
  tap.same(recent.all(), [])
  const seen: string[] = []
  for (const line of ['a', 'b', 'c', 'd', 'e', 'f', 'g']) {
    recent.add(line)
    seen.push(recent.all().join(''))
  }
  tap.same(seen, ['a', 'ab', 'abc', 'bcd', 'cde', 'def', 'efg'])
  recent.add('x'.repeat(5000))
  tap.equal(recent.all().at(-1)!.length, 4099, 'a long line is cut')
  tap.end()
})
