/** SIGTERM while Loki is down: gone within five seconds, the rest on disk, delivered by the next start. */
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import t from 'tap'
import { startFakeLoki } from '../support/fake-loki.ts'
import { startCommand } from '../support/service.ts'

const LINES = 20_000

void t.test('SIGTERM with Loki down', { timeout: 60_000 }, async (t) => {
  const folder = t.testdir({})
  const down = await startFakeLoki()
  await down.close()
  const config = join(folder, 'config.alloy')
  const log = join(folder, 'app.log')
  const lines = Array.from({ length: LINES }, (_, i) => `line ${i} ${'y'.repeat(60)}`)
  writeFileSync(log, `${lines.join('\n')}\n`)
  const write = (url: string): void =>
    writeFileSync(
      config,
      `loki.source.file "app" {
  targets    = [{ __path__ = "${log}", job = "app" }]
  forward_to = [loki.write.out.receiver]
}
loki.write "out" {
  endpoint {
    url = "${url}/loki/api/v1/push"
  }
}
`,
    )
  write(down.url)
  const args = ['run', config, '--server.http.listen-addr=', `--storage.path=${join(folder, 'data')}`]
  const first = startCommand(args)
  await first.said('a push failed')
  const began = Date.now()
  t.equal(await first.end('SIGTERM'), 0, 'everything is durable')
  const took = Date.now() - began
  t.ok(took < 5000, `gone after ${took} ms`)

  const loki = await startFakeLoki()
  t.teardown(() => loki.close())
  write(loki.url)
  const second = startCommand(args)
  t.teardown(() => second.child.kill('SIGKILL'))
  const arrived = (): number => new Set(loki.entries().map(({ line }) => line)).size
  for (let tries = 0; tries < 200 && arrived() < LINES; tries++) await sleep(100)
  t.equal(arrived(), LINES, 'the next start delivers the rest')
  t.equal(loki.entries().length, LINES, 'and nothing twice')
  t.equal(await second.end('SIGTERM'), 0)
})
