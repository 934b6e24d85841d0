import { once } from 'node:events'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import t from 'tap'
import { fromConfig } from '../../../lib/library/from-config.ts'
import { startFakeLoki } from '../../support/fake-loki.ts'

void t.test('a config runs in a program, from text or a file', async (tap) => {
  const loki = await startFakeLoki()
  tap.teardown(() => loki.close())
  const folder = tap.testdir({ 'app.log': 'one\ntwo\nDEBUG three\n' })
  const config = `
loki.source.file "app" {
  targets    = [{ __path__ = "${folder}/app.log", job = sys.env("JOB") }]
  forward_to = [loki.process.app.receiver]
}
loki.process "app" {
  stage.drop { expression = "^DEBUG" }
  forward_to = [loki.write.app.receiver]
}
loki.write "app" {
  endpoint {
    url        = "${loki.pushUrl}"
    batch_wait = "20ms"
  }
}
`
  writeFileSync(join(folder, 'config.alloy'), config)
  for (const [i, input] of [config, { file: join(folder, 'config.alloy') }].entries()) {
    const service = await fromConfig(input, { dataDir: join(folder, `data-${i}`), env: { JOB: `job-${i}` } })
    tap.equal(service.counts.read, 0, 'nothing runs before start')
    const ready = once(service.events, 'ready')
    await Promise.all([service.start(), service.ready, ready])
    await loki.waitFor(2 * (i + 1))
    await service.stop()
    tap.same(service.counts, { read: 3, delivered: 2, spooled: 0, dropped: 1, deadLettered: 0, inFlight: 0 })
    tap.same(loki.entries().filter(({ labels }) => labels.includes(`job="job-${i}"`)).length, 2)
    await service.stop()
  }
})

void t.test('mistakes are refused with their places', async (tap) => {
  await tap.rejects(fromConfig('loki.write "x" {\n  endpiont { }\n}\n'), {
    code: 'BAD_CONFIG',
    message: /config:2:3: error: .*did you mean "endpoint"/,
  })
  await tap.rejects(fromConfig({ file: '/no/such.alloy' }), { code: 'IO' })
})

void t.test('a component that cannot start fails the start', async (tap) => {
  const loki = await startFakeLoki()
  const { port } = new URL(loki.url)
  tap.teardown(() => loki.close())
  const service = await fromConfig(
    `
loki.source.tcp "in" {
  listen_port = ${port}
  forward_to = []
}
`,
    { stability: 'experimental' },
  )
  await tap.rejects(service.start(), { code: 'LISTEN' })
  await tap.rejects(service.ready, { code: 'LISTEN' })
})
