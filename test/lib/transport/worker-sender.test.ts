/** A sender with a thread of its own: lines that are saved past the thread. */
import { readdirSync } from 'node:fs'
import { join } from 'node:path'
import t from 'tap'
import { openSender, closeSender } from '../../../lib/transport/open.ts'
import { startFakeLoki } from '../../support/fake-loki.ts'

void t.test('what was saved in a hurry is delivered while the program goes on, once', async (tap) => {
  const loki = await startFakeLoki({})
  tap.teardown(() => loki.close())
  const dataDir = join(tap.testdir({}), 'logs')
  const sender = openSender({ url: loki.pushUrl, dataDir, batch_wait: '10ms' }, 'pino')
  sender.write('{"msg":"before"}')
  await loki.waitFor(1)
  for (let i = 0; i < 10; i++) {
    sender.write(`{"msg":"fatal ${i}"}`)
    sender.save()
  }
  await loki.waitFor(11)
  sender.write('{"msg":"after"}')
  await closeSender(sender)
  const messages = loki.entries().map(({ line }) => (JSON.parse(line) as { msg: string }).msg)
  tap.same(
    messages.toSorted(),
    ['after', 'before', ...Array.from({ length: 10 }, (_, i) => `fatal ${i}`)].toSorted(),
  )
  tap.same(readdirSync(join(dataDir, 'queue')), [], 'no folder is left behind')
  tap.equal(sender.dropped, 0)
})
