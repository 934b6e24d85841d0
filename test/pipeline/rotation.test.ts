/** Twenty files that grow and rotate under load, nothing killed: every line arrives exactly once. */
import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import t from 'tap'
import { startFakeLoki } from '../support/fake-loki.ts'
import { writeLog } from '../support/log-writer.ts'
import { startCommand } from '../support/service.ts'

const FILES = 20

void t.test('twenty growing files with rename rotation', { timeout: 120_000 }, async (t) => {
  const folder = t.testdir({})
  mkdirSync(join(folder, 'logs'))
  const loki = await startFakeLoki()
  t.teardown(() => loki.close())
  const config = join(folder, 'config.alloy')
  writeFileSync(
    config,
    `local.file_match "all" {
  path_targets = [{ __path__ = "${folder}/logs/*.log", job = "app" }]
  sync_period  = "200ms"
}
loki.source.file "all" {
  targets    = local.file_match.all.targets
  forward_to = [loki.process.all.receiver]
}
loki.process "all" {
  forward_to = [loki.write.out.receiver]
  stage.regex  { expression = "^(?P<name>\\\\S+)" }
  stage.labels { values = { name = "" } }
}
loki.write "out" {
  endpoint {
    url        = "${loki.url}/loki/api/v1/push"
    batch_wait = "100ms"
  }
}
`,
  )
  const service = startCommand([
    'run',
    config,
    '--server.http.listen-addr=',
    `--storage.path=${join(folder, 'data')}`,
  ])
  t.teardown(() => service.child.kill('SIGKILL'))
  await service.said('msg=running')
  // Each file is found before it is rotated for the first time, as it would be in a life of hours.
  const writers = Array.from({ length: FILES }, (_, i) =>
    writeLog({
      path: join(folder, 'logs', `f${i}.log`),
      perTick: 4,
      quietMs: 1000,
      rotateAfter: 300 + i * 10,
      keep: 8,
      name: `f${i}`,
    }),
  )
  await sleep(7000)
  for (const writer of writers) writer.stop()
  const expected = writers.flatMap((writer) => writer.lines())
  for (let tries = 0; tries < 200 && loki.entries().length < expected.length; tries++) await sleep(100)
  t.equal(await service.end('SIGTERM'), 0)
  const counts = new Map<string, number>()
  for (const { line } of loki.entries()) counts.set(line, (counts.get(line) ?? 0) + 1)
  const missing = expected.filter((line) => !counts.has(line))
  const twice = [...counts].filter(([, count]) => count > 1)
  t.comment(`${expected.length} lines: ${missing.length} missing, ${twice.length} twice`)
  t.same(missing.slice(0, 5), [])
  t.same(twice.slice(0, 5), [])
})
