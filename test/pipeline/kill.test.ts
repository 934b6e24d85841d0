/** kill -9, five times, while a file grows and rotates; `test/services` has the thirty. */
import t from 'tap'
import { killRounds } from '../support/kill-rounds.ts'

// How many lines arrive twice depends on the machine's speed, so that is asserted among the services only.
void t.test('five kills while a file grows and rotates: no line is lost', async (t) => {
  const { written } = await killRounds(t, 5)
  t.ok(written > 0)
})
