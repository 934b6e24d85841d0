/** kill -9, thirty times, while a file grows and rotates: nothing is lost, and little is sent twice. */
import { once } from 'node:events'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import t from 'tap'
import { startFakeLoki } from '../support/fake-loki.ts'
import { writeLog, type LogWriter } from '../support/log-writer.ts'
import { startCommand } from '../support/service.ts'

const ROUNDS = 30

void t.test('thirty kills while a file grows and rotates', { timeout: 180_000 }, async (t) => {
  const folder = t.testdir({})
  const loki = await startFakeLoki()
  t.teardown(() => loki.close())
  const config = join(folder, 'config.alloy')
  const path = join(folder, 'app.log')
  writeFileSync(
    config,
    `loki.source.file "app" {
  targets    = [{ __path__ = "${path}", job = "app" }]
  forward_to = [loki.write.out.receiver]
}
loki.write "out" {
  endpoint {
    url        = "${loki.url}/loki/api/v1/push"
    batch_wait = "100ms"
  }
}
`,
  )
  const args = ['run', config, '--server.http.listen-addr=', `--storage.path=${join(folder, 'data')}`]
  let writer: LogWriter | undefined
  for (let round = 0; round < ROUNDS; round++) {
    const service = startCommand(args)
    await service.said('msg=running')
    // A file that was rotated away before anyone had looked at it could not be known.
    writer ??= writeLog({ path, perTick: 5, rotateAfter: 400, keep: 60, name: 'app' })
    // A life of its own length each time, so that kills meet every moment of a batch.
    await sleep(100 + ((round * 37) % 500))
    t.equal(await service.end('SIGKILL'), 'SIGKILL', `round ${round + 1}`)
  }
  if (writer === undefined) throw new Error('no round has run')
  const { lines, written } = writer
  writer.stop()
  const last = startCommand(args)
  t.teardown(() => last.child.kill('SIGKILL'))
  const missing = (): string[] => {
    const arrived = new Set(loki.entries().map(({ line }) => line))
    return lines().filter((line) => !arrived.has(line))
  }
  for (let tries = 0; tries < 300 && missing().length > 0; tries++) await sleep(100)
  const lost = missing()
  const twice = loki.entries().length - new Set(loki.entries().map(({ line }) => line)).size
  t.comment(`${written()} lines in ${ROUNDS} lives: ${lost.length} lost, ${twice} sent twice`)
  t.same(lost.slice(0, 5), [], 'no line is lost')
  // The best peer sent 12,476 of 18,000 twice in 12 such lives.
  t.ok(twice < written() / 2, `${twice} of ${written()} sent twice`)
  t.equal(await last.end('SIGTERM'), 0)
  if (last.child.exitCode === null) await once(last.child, 'exit')
})
