/** The transport in a real winston logger. */
import { join } from 'node:path'
import t from 'tap'
import winston from 'winston'
import { LokiTransport } from '../../../lib/transport/winston.ts'
import { startFakeLoki } from '../../support/fake-loki.ts'

void t.test('levels, formats, labels, metadata and the end of a logger', async (tap) => {
  const loki = await startFakeLoki({})
  tap.teardown(() => loki.close())
  const transport = new LokiTransport({
    url: loki.pushUrl,
    dataDir: join(tap.testdir({}), 'logs'),
    labels: { app: 'shop' },
    metadataFrom: ['orderId'],
    batch_wait: '10ms',
    worker: false,
    level: 'info',
  })
  const { combine, timestamp, json } = winston.format
  const logger = winston.createLogger({
    level: 'debug',
    format: combine(timestamp(), json()),
    transports: [transport],
  })
  logger.info('paid', { orderId: 'o-1' })
  logger.debug('below the level of the transport')
  logger.warn('paid', { orderId: 'o-1' })
  await transport.flush()
  const cyclic: Record<string, unknown> = { level: 'error', message: 'round' }
  cyclic['self'] = cyclic
  transport.log(cyclic, () => {})
  await new Promise<void>((resolve) => {
    transport.once('finish', resolve)
    logger.end()
  })
  const entries = loki.entries()
  tap.same(
    entries.map(({ labels }) => labels),
    ['info', 'warn', 'error'].map((level) => `{app="shop", level="${level}"}`),
  )
  tap.same(entries[0]!.metadata, [['orderId', 'o-1']])
  const { timestamp: time, ...said } = JSON.parse(entries[0]!.line) as Record<string, string>
  tap.same(said, { level: 'info', message: 'paid', orderId: 'o-1' })
  tap.equal(Number(entries[0]!.timestamp.slice(0, -6)), Date.parse(time!), 'the time of the format')
  tap.match(JSON.parse(entries[2]!.line), { message: 'round', unprintable: /circular/ })
  tap.equal(transport.dropped, 0)
})
