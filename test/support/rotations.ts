/** Files that grow and rotate under load with nothing killed, and the account of what arrived. */
import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Test } from 'tap'
import { startFakeLoki } from './fake-loki.ts'
import { writeLog } from './log-writer.ts'
import { startCommand } from './service.ts'

/** Rotates each of `files` files `rotations` times and asserts that every line arrives exactly once. */
export async function rotateFiles(
  t: Test,
  { files, rotations }: { readonly files: number; readonly rotations: number },
): Promise<void> {
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
    url        = "${loki.pushUrl}"
    batch_wait = "100ms"
  }
}
`,
  )
  // A file that is rotated away before it was ever opened cannot be found, so writers start once all are being read.
  const paths = Array.from({ length: files }, (_, i) => join(folder, 'logs', `f${i}.log`))
  for (const path of paths) writeFileSync(path, `${path} first\n`)
  const service = startCommand([
    'run',
    config,
    '--server.http.listen-addr=',
    `--storage.path=${join(folder, 'data')}`,
  ])
  t.teardown(() => service.child.kill('SIGKILL'))
  await loki.waitFor(files)
  const writers = paths.map((path, i) =>
    writeLog({ path, perTick: 4, rotateAfter: 200 + i * 10, keep: 8, name: `f${i}` }),
  )
  await Promise.all(writers.map((writer) => writer.rotated(rotations)))
  for (const writer of writers) writer.stop()
  const expected = [...paths.map((path) => `${path} first`), ...writers.flatMap((writer) => writer.lines())]
  await loki.waitFor(expected.length)
  t.equal(await service.end('SIGTERM'), 0)
  t.same(
    loki
      .entries()
      .map(({ line }) => line)
      .sort(),
    expected.sort(),
    `${expected.length} lines, each exactly once`,
  )
}
