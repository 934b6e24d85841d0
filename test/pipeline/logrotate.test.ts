/** The real logrotate, in both of its ways: every line arrives exactly once while the writer pauses. */
import { execFileSync, spawnSync } from 'node:child_process'
import { appendFileSync, chmodSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import t from 'tap'
import { startFakeLoki } from '../support/fake-loki.ts'
import { startCommand } from '../support/service.ts'

const PATH = `${process.env['PATH'] ?? ''}:/usr/sbin:/sbin`
const missing = spawnSync('logrotate', ['--version'], { env: { PATH } }).error !== undefined
const skip = missing ? 'logrotate is not installed; .ci/run installs it where it can' : false

for (const mode of ['create', 'copytruncate']) {
  void t.test(`logrotate with ${mode}`, { skip }, async (t) => {
    const folder = t.testdir({})
    chmodSync(folder, 0o755)
    const loki = await startFakeLoki()
    t.teardown(() => loki.close())
    const log = join(folder, 'app.log')
    const rotation = join(folder, 'rotate.conf')
    writeFileSync(rotation, `${log} {\n  rotate 5\n  ${mode}\n  missingok\n}\n`, { mode: 0o644 })
    const config = join(folder, 'config.alloy')
    writeFileSync(
      config,
      `loki.source.file "app" {
  targets    = [{ __path__ = "${log}", job = "app" }]
  forward_to = [loki.write.out.receiver]
}
loki.write "out" {
  endpoint {
    url        = "${loki.pushUrl}"
    batch_wait = "50ms"
  }
}
`,
    )
    writeFileSync(log, '', { mode: 0o644 })
    const service = startCommand([
      'run',
      config,
      '--server.http.listen-addr=',
      `--storage.path=${join(folder, 'data')}`,
    ])
    t.teardown(() => service.child.kill('SIGKILL'))
    await service.said('msg=running')
    const expected: string[] = []
    for (let round = 0; round < 5; round++) {
      const lines = Array.from({ length: 200 + round }, (_, i) => `round ${round} line ${i}`)
      expected.push(...lines)
      appendFileSync(log, `${lines.join('\n')}\n`)
      await loki.waitFor(expected.length)
      execFileSync('logrotate', ['--force', '--state', join(folder, 'state'), rotation], { env: { PATH } })
    }
    t.equal(await service.end('SIGTERM'), 0)
    t.same(
      loki.entries().map(({ line }) => line),
      expected,
    )
  })
}
