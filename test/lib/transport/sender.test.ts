/** A sender in this thread: flushed is safe, closed is delivered, what does not fit is counted. */
import { once } from 'node:events'
import { join } from 'node:path'
import t from 'tap'
import { LocalSender } from '../../../lib/transport/sender.ts'
import { pinoEncoder } from '../../../lib/transport/pino-record.ts'
import { startFakeLoki, type FakeLoki } from '../../support/fake-loki.ts'

const optionsFor = ({ pushUrl }: Pick<FakeLoki, 'pushUrl'>, dataDir: string) => ({
  url: pushUrl,
  dataDir,
  batch_wait: '10ms',
  min_backoff_period: '10ms',
  queue_config: { drain_timeout: '50ms' },
})

void t.test('flushed lines wait on disk while Loki is away, and go out at the next start', async (tap) => {
  const loki = await startFakeLoki({ respond: () => 503 })
  tap.teardown(() => loki.close())
  const options = optionsFor(loki, join(tap.testdir({}), 'logs'))
  const first = new LocalSender(options, pinoEncoder({}))
  first.write('{"msg":"one"}')
  await first.flush()
  first.write('{"msg":"two"}')
  await first.close()
  tap.equal(loki.count, 0)
  loki.respond(() => 204)
  const second = new LocalSender(options, pinoEncoder({}))
  await loki.waitFor(2)
  await second.close()
  tap.same(
    loki.entries().map(({ line }) => line),
    ['{"msg":"one"}', '{"msg":"two"}'],
  )
  tap.equal(first.dropped + second.dropped, 0)
})

void t.test('a close sends what an earlier process has spooled, as long as Loki takes it', async (tap) => {
  const loki = await startFakeLoki({ respond: () => 503 })
  tap.teardown(() => loki.close())
  const options = optionsFor(loki, join(tap.testdir({}), 'logs'))
  const first = new LocalSender(options, pinoEncoder({}))
  first.write('{"msg":"one"}')
  await first.close()
  tap.equal(loki.count, 0)
  loki.respond(() => 204)
  await new LocalSender(options, pinoEncoder({})).close()
  tap.same(
    loki.entries().map(({ line }) => line),
    ['{"msg":"one"}'],
  )
})

void t.test(
  'a close ends while Loki takes nothing, with more in the queue than may be in memory',
  async (tap) => {
    const loki = await startFakeLoki({ respond: () => 'hang' })
    tap.teardown(() => loki.close())
    const options = optionsFor(loki, join(tap.testdir({}), 'logs'))
    const limited = { ...options, queue_config: { ...options.queue_config, capacity: '1KiB' } }
    const first = new LocalSender(limited, pinoEncoder({}))
    for (let i = 0; i < 5000; i++) first.write(`{"msg":"line ${i}"}`)
    const warned = once(process, 'warning') as Promise<[Error]>
    await first.close()
    // In the queue, or, if the machine is busy, all of them in the spool.
    tap.match((await warned)[0].message, /wait .* for the next start/)
    loki.respond(() => 204)
    await new LocalSender(limited, pinoEncoder({})).close()
    tap.equal(new Set(loki.entries().map(({ line }) => line)).size, 5000)
  },
)

void t.test('lines that do not fit are counted and told', async (tap) => {
  const warned = new Promise<Error>((resolve) => process.once('warning', resolve))
  const options = { url: 'http://127.0.0.1:1', dataDir: join(tap.testdir({}), 'logs'), maxQueueBytes: 100 }
  const sender = new LocalSender(
    { ...options, max_backoff_retries: 1, min_backoff_period: '1ms', queue_config: { drain_timeout: '1ms' } },
    pinoEncoder({}),
  )
  sender.write('{"msg":"fits"}')
  sender.save()
  sender.write('{"msg":"does not"}')
  sender.write('{"msg":"nor does this"}')
  await sender.flush()
  tap.equal(sender.dropped, 2)
  tap.match((await warned).message, /2 log lines dropped so far: the queue is full/)
  await sender.close()
  sender.write('{"msg":"late"}')
  tap.equal(sender.dropped, 3)
})

void t.test('wrong options are told at once', (tap) => {
  const encode = pinoEncoder({})
  const url = 'http://127.0.0.1:1'
  // @ts-expect-error -- a mistake that JavaScript callers can make
  tap.throws(() => new LocalSender({ url }, encode), { message: /dataDir/ })
  const misspelt = { url, dataDir: 'x', batch_wiat: '1s' }
  tap.throws(() => new LocalSender(misspelt, encode), { message: /batch_wiat/ })
  tap.throws(() => new LocalSender({ url: 'nowhere', dataDir: 'x' }, encode), { code: 'BAD_CONFIG' })
  tap.end()
})
