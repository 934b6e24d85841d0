import t from 'tap'
import { withEarlySignals } from '../../../lib/cli/early-signals.ts'
import { main } from '../../../lib/cli/main.ts'
import { fakeIo } from '../../support/fake-io.ts'

void t.test('the first listener gets what came before it, and all that follows once', (t) => {
  const io = fakeIo()
  const early = withEarlySignals(io)
  io.signal('SIGHUP')
  io.signal('SIGTERM')
  const heard: string[] = []
  const off = early.onSignal((signal) => heard.push(signal))
  t.same(heard, ['SIGHUP', 'SIGTERM'])
  io.signal('SIGINT')
  early.onSignal(() => {})
  t.same(heard, ['SIGHUP', 'SIGTERM', 'SIGINT'])
  off()
  io.signal('SIGINT')
  t.equal(heard.length, 3)
  t.end()
})

void t.test('a signal while a service is loaded ends it in order', async (t) => {
  const folder = t.testdir({ 'c.alloy': 'loki.echo "e" { }' })
  const io = fakeIo()
  const status = main(
    ['run', '--server.http.listen-addr=', `--storage.path=${folder}/data`, `${folder}/c.alloy`],
    io,
  )
  io.signal('SIGTERM')
  t.equal(await status, 0, io.err())
})
