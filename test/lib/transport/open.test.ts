/** A process that ends badly while Loki is away: what it logged is delivered by its next start. Wrong options are told. */
import { join } from 'node:path'
import t from 'tap'
import { openSender } from '../../../lib/transport/open.ts'
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

void t.test('wrong options are told at once, with a thread and without', (tap) => {
  for (const worker of [true, false]) {
    const options = { url: 'http://127.0.0.1:1', dataDir: join(tap.testdir({}), 'logs'), worker }
    const misspelt = { ...options, maxQueueByte: 1 }
    tap.throws(() => openSender(misspelt, 'pino'), { code: 'BAD_ARGUMENT', message: /maxQueueByte/ })
    const singular = { ...options, label: { app: 'x' } }
    tap.throws(() => openSender(singular as typeof options, 'pino'), { message: /label/ })
    tap.throws(() => openSender({ ...options, url: 'nowhere' }, 'pino'), { code: 'BAD_CONFIG' })
  }
  tap.end()
})
