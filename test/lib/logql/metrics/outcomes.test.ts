/** Outcomes are found by all of a key, and only so many are remembered. */
import t from 'tap'
import { Outcomes } from '../../../../lib/logql/metrics/outcomes.ts'

function write(outcomes: Outcomes<number>, origin: number, ...texts: readonly string[]): boolean {
  outcomes.begin()
  outcomes.number(origin)
  return texts.every((text) => {
    const bytes = Buffer.from(`-${text}-`)
    return outcomes.text(bytes, 1, bytes.length - 1)
  })
}

void t.test('keys', (t) => {
  const outcomes = new Outcomes<number>()
  const keys = [[1], [2], [1, ''], [1, 'a', 'b'], [1, 'ab', ''], [1, 'ab'], [256, 'ab']] as const
  for (const [i, [origin, ...texts]] of keys.entries()) {
    write(outcomes, origin, ...texts)
    t.equal(outcomes.get(), undefined)
    outcomes.add(i)
  }
  for (const [i, [origin, ...texts]] of keys.entries()) {
    write(outcomes, origin, ...texts)
    t.equal(outcomes.get(), i)
  }
  t.notOk(write(outcomes, 1, 'x'.repeat(4000)), 'a long key')
  t.end()
})

void t.test('the first 65,536 are remembered', (t) => {
  const outcomes = new Outcomes<number>()
  for (let i = 0; i < 66_000; i++) {
    write(outcomes, i, 'text')
    outcomes.add(i)
  }
  write(outcomes, 65_535, 'text')
  t.equal(outcomes.get(), 65_535)
  write(outcomes, 65_536, 'text')
  t.equal(outcomes.get(), undefined)
  t.end()
})
