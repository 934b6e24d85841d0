import t from 'tap'
import { main } from '../../../../lib/cli/main.ts'
import { fakeIo } from '../../../support/fake-io.ts'
import { startFakeLoki } from '../../../support/fake-loki.ts'

const LISTEN = '--server.http.listen-addr=127.0.0.1:0'

void t.test('lines go through, and all that was read is delivered', async (tap) => {
  const io = fakeIo()
  const status = main(['demo', '--rate=500', LISTEN], io)
  await io.wrote(/[\d,]*[1-9] delivered/)
  io.signal('SIGINT')
  tap.equal(await status, 0, io.err())
  const last = io.out().trimEnd().split('\n').at(-1)!
  const [read, delivered, parsed] =
    /([\d,]+) lines read \(.*\), ([\d,]+) delivered, ([\d,]+) success/
      .exec(last)
      ?.slice(1)
      .map((figure) => Number(figure.replaceAll(',', ''))) ?? []
  tap.ok(read! > 0, last)
  tap.equal(delivered, read, 'all that was read')
  tap.ok(parsed! > 0 && parsed! <= read!)
  tap.match(io.out(), /metrics +http:\/\/127\.0\.0\.1:\d+\/metrics\n/)
  tap.match(io.out(), '(embedded; set LOKI_URL to use another)')
  tap.match(io.out(), /try .* query .*count_over_time/)
  tap.equal(io.err(), '')
})

void t.test('--seconds ends it', async (tap) => {
  const loki = await startFakeLoki()
  tap.teardown(() => loki.close())
  const io = fakeIo('', { LOKI_URL: loki.url })
  tap.equal(await main(['demo', '--seconds=0.1', LISTEN], io), 0, io.err())
})

void t.test('with a Loki, and until a signal', async (tap) => {
  const loki = await startFakeLoki()
  tap.teardown(() => loki.close())
  const io = fakeIo('', { LOKI_URL: loki.url })
  const status = main(['demo', '--rate=1000', LISTEN], io)
  await loki.waitFor(1)
  io.signal('SIGINT')
  tap.equal(await status, 0)
  tap.match(loki.entries()[0]?.labels, /job="template-job"/)
})

void t.test('usage', async (tap) => {
  for (const [flag, message] of [
    ['--rate=0', /--rate must be from 1 to 1000000, found "0"/],
    ['--rate=x', /found "x"/],
    ['--seconds=-1', /--seconds must be a number, found "-1"/],
  ] as const) {
    const io = fakeIo()
    tap.equal(await main(['demo', flag], io), 1)
    tap.match(io.err(), message)
  }
})
