/** A process that ends badly while Loki is away: what it logged is delivered by its next start. */
import { join } from 'node:path'
import t from 'tap'
import { logAndEnd } from '../../support/log-and-end.ts'

void t.test('killed after a flush, with the thread', async (tap) => {
  const dataDir = join(tap.testdir({}), 'logs')
  const outcome = await logAndEnd({ library: 'pino', worker: true, dataDir, lines: 500, how: 'kill' })
  tap.equal(outcome.confirmed, 500)
  tap.equal(outcome.lost, 0)
})

void t.test('process.exit() right after the last line, without a flush', async (tap) => {
  const dataDir = join(tap.testdir({}), 'logs')
  const outcome = await logAndEnd({ library: 'winston', worker: true, dataDir, lines: 500, how: 'exit' })
  tap.equal(outcome.lost, 0)
})
