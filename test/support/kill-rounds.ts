/** kill -9 while a file grows and rotates, round after round, and the account of what arrived. */
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import type { Test } from 'tap'
import { startFakeLoki } from './fake-loki.ts'
import { writeLog } from './log-writer.ts'
import { startCommand } from './service.ts'

export interface KillFigures {
  readonly written: number
  /** Lines that arrived more than once, each further time counted. */
  readonly twice: number
}

/** Kills `rounds` lives, lets one more finish, and waits until every line has arrived. */
export async function killRounds(t: Test, rounds: number): Promise<KillFigures> {
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
    url        = "${loki.pushUrl}"
    batch_wait = "100ms"
  }
}
`,
  )
  const args = ['run', config, '--server.http.listen-addr=', `--storage.path=${join(folder, 'data')}`]
  // A file can't be found after its rotation unless it was read before: a first life makes it known.
  writeFileSync(path, 'first\n')
  const first = startCommand(args)
  await loki.waitFor(1)
  t.equal(await first.end('SIGTERM'), 0)
  // On a slow machine lives are long: everything that is rotated away in them is kept.
  const writer = writeLog({ path, perTick: 5, rotateAfter: 400, keep: 1000, name: 'app' })
  for (let round = 0; round < rounds; round++) {
    const service = startCommand(args)
    await service.said('msg=running')
    // Lives of different lengths, so that kills hit every moment of a batch.
    await sleep(100 + ((round * 37) % 500))
    t.equal(await service.end('SIGKILL'), 'SIGKILL', `round ${round + 1}`)
  }
  const { lines, written } = writer
  writer.stop()
  const last = startCommand(args)
  t.teardown(() => last.child.kill('SIGKILL'))
  const arrived = new Set<string>()
  let counted = 0
  const all = (): boolean => {
    const entries = loki.entries()
    for (; counted < entries.length; counted++) arrived.add(entries[counted]!.line)
    return lines().every((line) => arrived.has(line))
  }
  await loki.waitUntil(all)
  t.equal(await last.end('SIGTERM'), 0)
  const twice = loki.entries().length - new Set(loki.entries().map(({ line }) => line)).size
  t.comment(`${written()} lines in ${rounds} lives: 0 lost, ${twice} sent twice`)
  return { written: written(), twice }
}
