/** SIGTERM while Loki is down: the service stops all the same, the rest is on disk, the next start delivers it. */
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import t from 'tap'
import { startFakeLoki } from '../support/fake-loki.ts'
import { startCommand } from '../support/service.ts'

const LINES = 20_000

void t.test('SIGTERM with Loki down', async (t) => {
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
  // The promise is 5 s; what a loaded machine needs proves nothing, so the figure is only shown.
  t.comment(`stopped after ${Date.now() - began} ms`)

  const loki = await startFakeLoki()
  t.teardown(() => loki.close())
  write(loki.url)
  const second = startCommand(args)
  t.teardown(() => second.child.kill('SIGKILL'))
  const arrived = (): number => new Set(loki.entries().map(({ line }) => line)).size
  await loki.waitUntil(() => arrived() >= LINES)
  t.equal(arrived(), LINES, 'the next start delivers the rest')
  t.equal(loki.entries().length, LINES, 'and nothing twice')
  t.equal(await second.end('SIGTERM'), 0)
})
