import t from 'tap'
import { TokenBucket } from '../../lib/token-bucket.ts'

void t.test('full at the start, refilled by time, never above its size', (t) => {
  const bucket = new TokenBucket(2, 3)
  const takeAll = (now: number): number => {
    let taken = 0
    while (bucket.take(now)) taken++
    return taken
  }
  t.equal(takeAll(0), 3)
  t.equal(bucket.wait(0), 500)
  t.equal(takeAll(499), 0)
  t.equal(takeAll(500), 1)
  t.equal(takeAll(3_600_000), 3)
  t.equal(takeAll(3_500_000), 0, 'a clock that goes back')
  t.end()
})
