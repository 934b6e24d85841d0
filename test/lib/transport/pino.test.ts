/** pino with the stream, in this thread and in a worker, and with the target that pino loads by name. */
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { once } from 'node:events'
import pino from 'pino'
import t from 'tap'
import target, { lokiStream, type TransportOptions } from '../../../lib/transport/pino.ts'
import { startFakeLoki } from '../../support/fake-loki.ts'

for (const worker of [false, true])
  void t.test(worker ? 'in a worker thread' : 'in this thread', async (tap) => {
    const loki = await startFakeLoki({})
    tap.teardown(() => loki.close())
    const stream = lokiStream({
      url: loki.pushUrl,
      dataDir: join(tap.testdir({}), 'logs'),
      labels: { app: 'shop' },
      batch_wait: '10ms',
      worker,
    })
    const logger = pino(stream)
    for (let i = 0; i < 3; i++) logger.info('the same')
    await new Promise<void>((resolve, reject) =>
      logger.flush((error) => (error === undefined ? resolve() : reject(error))),
    )
    logger.child({ trace_id: 'a1' }).fatal('the last')
    await stream.close()
    const entries = loki.entries()
    tap.equal(entries.length, 4)
    tap.equal(new Set(entries.map(({ timestamp }) => timestamp)).size, 4, 'equal lines stay apart')
    tap.equal(entries[3]!.labels, '{app="shop", level="fatal"}')
    tap.same(entries[3]!.metadata, [['trace_id', 'a1']])
    tap.equal((JSON.parse(entries[3]!.line) as { msg: string }).msg, 'the last')
    tap.equal(stream.dropped, 0)
  })

void t.test('pino loads it by its name in a thread', async (tap) => {
  const loki = await startFakeLoki({})
  tap.teardown(() => loki.close())
  const transport = pino.transport<TransportOptions>({
    target: fileURLToPath(new URL('../../../lib/transport/pino.js', import.meta.url)),
    options: {
      url: loki.pushUrl,
      dataDir: join(tap.testdir({}), 'logs'),
      labels: { app: 'shop' },
      batch_wait: '10ms',
    },
  })
  tap.teardown(() => transport.end())
  await once(transport, 'ready')
  pino(transport).info('from another thread')
  await loki.waitUntil(() => loki.entries().length > 0)
  tap.match(loki.entries(), [{ labels: '{app="shop", level="info"}', line: /"msg":"from another thread"/ }])
})

void t.test('a target cuts what pino hands over into lines', async (tap) => {
  const loki = await startFakeLoki({})
  tap.teardown(() => loki.close())
  const stream = target({ url: loki.pushUrl, dataDir: join(tap.testdir({}), 'logs'), batch_wait: '10ms' })
  stream.write('{"level":30,"msg":"on')
  stream.write(Buffer.from('e"}\n{"level":40,"msg":"two"}\n{"level":50'))
  stream.end()
  await once(stream, 'finish')
  tap.same(
    loki.entries().map(({ line }) => line),
    ['{"level":30,"msg":"one"}', '{"level":40,"msg":"two"}', '{"level":50'],
  )
})
