import t from 'tap'
import { seededRandom } from '../../../lib/generate/random.ts'

void t.test('equal seeds give equal series, others do not; all in [0, 1)', (tap) => {
  const series = (seed: number): number[] => Array.from({ length: 2000 }, seededRandom(seed))
  tap.same(series(1), series(1))
  tap.not(series(1)[0], series(2)[0])
  for (const seed of [0, 1, -1, 0xffffffff, 0x9e3779b9]) {
    const all = series(seed)
    tap.ok(all.every((each) => each >= 0 && each < 1) && new Set(all).size > 1990, `seed ${seed}`)
    const mean = all.reduce((sum, each) => sum + each, 0) / all.length
    tap.ok(Math.abs(mean - 0.5) < 0.05, `mean of seed ${seed}: ${mean}`)
  }
  tap.end()
})
