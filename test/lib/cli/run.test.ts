import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { setImmediate as turn } from 'node:timers/promises'
import t, { type Test } from 'tap'
import { labelSet, sizeLabelGenerations } from '../../../lib/flow/labels.ts'
import { main } from '../../../lib/cli/main.ts'
import { adminService } from '../../support/admin-service.ts'
import { fakeIo, type FakeIo } from '../../support/fake-io.ts'
import { startFakeLoki } from '../../support/fake-loki.ts'

const config = (log: string, more = ''): string => `loki.source.file "f" {
  targets    = [{ __path__ = ${JSON.stringify(log)}, job = "j" }]
  forward_to = [loki.write.w.receiver]
}
loki.write "w" { endpoint {
  url        = sys.env("LOKI_URL")
  batch_wait = "10ms"
} }
${more}`

interface Started {
  readonly io: FakeIo
  readonly status: Promise<number>
  readonly url: string
  readonly folder: string
}

// Ends of what is waited for come from the event loop, so a turn of it is enough of a pause.
async function until(what: string, condition: () => boolean): Promise<void> {
  const late = Date.now() + 10_000
  while (!condition()) {
    if (Date.now() > late) throw new Error(`waited in vain for ${what}`)
    await turn()
  }
}

async function start(tap: Test, lokiUrl: string): Promise<Started> {
  const folder = tap.testdir({ 'a.log': 'one\n' })
  writeFileSync(join(folder, 'c.alloy'), config(join(folder, 'a.log')))
  const io = fakeIo('', { LOKI_URL: lokiUrl })
  const args = ['--server.http.listen-addr=127.0.0.1:0', `--storage.path=${join(folder, 'data')}`]
  const status = main(['run', ...args, join(folder, 'c.alloy')], io)
  await until('the service', () => io.err().includes('msg=running'))
  const url = /msg=running .*http=(\S+)/.exec(io.err())?.[1] ?? ''
  return { io, status, url, folder }
}

void t.test('runs, reloads, and stops with everything delivered', async (tap) => {
  const loki = await startFakeLoki()
  tap.teardown(() => loki.close())
  const { io, status, url, folder } = await start(tap, loki.pushUrl)
  await loki.waitFor(1)
  tap.match(loki.entries(), [{ labels: /job="j"/, line: 'one' }])
  tap.equal((await fetch(`${url}/-/ready`)).status, 200)
  tap.match(await (await fetch(`${url}/metrics`)).text(), /logstream_build_info\{version="[^"]+"\} 1/)

  writeFileSync(join(folder, 'c.alloy'), 'loki.process "broken" { }')
  io.signal('SIGHUP')
  await until('the mistake', () => io.err().includes('missing required attribute'))
  tap.equal((await fetch(`${url}/-/ready`)).status, 200, 'the old config goes on')

  writeFileSync(
    join(folder, 'c.alloy'),
    config(join(folder, 'a.log'), 'loki.process "more" { forward_to = [] }'),
  )
  tap.equal((await fetch(`${url}/-/reload`, { method: 'POST' })).status, 200)
  tap.match(await (await fetch(`${url}/metrics`)).text(), 'logstream_units_read_total 1')

  io.signal('SIGTERM')
  tap.equal(await status, 0)
  await tap.rejects(fetch(`${url}/-/ready`), 'the server is gone')
  tap.equal(io.out(), '')
})

void t.test('a label with very many values is warned of once a minute', async (tap) => {
  const { io, service } = await adminService(tap.testdir(), '')
  tap.teardown(() => service.stop())
  sizeLabelGenerations(1000)
  tap.teardown(() => sizeLabelGenerations(65_536))
  for (let i = 0; i < 5000; i++) labelSet({ request_id: `r${i}` })
  const warnings = io
    .err()
    .split('\n')
    .filter((line) => line.includes('hurts Loki'))
  tap.equal(warnings.length, 1)
  tap.match(warnings[0], /label=request_id/)
})

void t.test('a second signal ends at once', async (tap) => {
  const loki = await startFakeLoki({ respond: () => 'hang' })
  tap.teardown(() => loki.close())
  const { io, status } = await start(tap, loki.pushUrl)
  await loki.waitUntil(() => loki.pushes.length > 0)
  io.signal('SIGTERM')
  io.signal('SIGTERM')
  io.signal('SIGINT')
  tap.same(io.exits, [143, 130])
  tap.equal(await status, 0, 'what hangs is on disk, or is read again from its file')
})

void t.test('a config with mistakes does not start', async (tap) => {
  const folder = tap.testdir({ 'c.alloy': 'loki.process "p" { }\nnope "x" { }' })
  const io = fakeIo()
  const path = join(folder, 'c.alloy')
  const args = ['--server.http.listen-addr=', `--storage.path=${folder}/data`]
  tap.equal(await main(['run', ...args, path], io), 1)
  tap.match(io.err(), /c\.alloy:1:1: error: missing required attribute "forward_to"/)
  tap.match(io.err(), /c\.alloy:2:1: error: there is no component "nope"/)
  tap.match(io.err(), /was not loaded: fix it, and check it with: logstream validate/)
})

void t.test('usage', async (tap) => {
  for (const [args, message] of [
    [[], /run needs one PATH/],
    [['a', 'b'], /run needs one PATH/],
    [['--config.format=toml', 'a'], /--config\.format takes alloy or promtail, found "toml"/],
    [['--stability.level=x', 'a'], /--stability\.level must be one of/],
    [['--server.http.listen-addr=', '/no/such/file'], /cannot read the config/],
  ] as const) {
    const io = fakeIo()
    tap.equal(await main(['run', ...args], io), 1)
    tap.match(io.err(), message)
  }
})
