/** kill -9 while `loki.source.journal` follows a journal that grows and rotates: nothing is lost. */
import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import t, { type Test } from 'tap'
import { startFakeLoki } from '../support/fake-loki.ts'
import { noJournal, writeJournal } from '../support/journal-files.ts'
import { startCommand } from '../support/service.ts'

const KILLS = 12
const BURST = 200

void t.test('kills while the journal grows', { skip: noJournal(), timeout: 300_000 }, async (tap: Test) => {
  const folder = tap.testdir({})
  const journal = join(folder, 'journal')
  mkdirSync(journal)
  const loki = await startFakeLoki()
  tap.teardown(() => loki.close())
  writeFileSync(
    join(folder, 'config.alloy'),
    `loki.source.journal "all" {
	path       = "${journal}"
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
  const args = [
    'run',
    join(folder, 'config.alloy'),
    '--server.http.listen-addr=',
    `--storage.path=${join(folder, 'data')}`,
  ]
  let written = 0
  const write = (): void => {
    const entries = Array.from({ length: BURST }, () => ({ MESSAGE: `entry ${written++}` }))
    // A new file now and then, as after a rotation.
    writeJournal(journal, `part-${Math.floor(written / (4 * BURST))}`, Date.now() * 1000, entries)
  }
  for (let round = 0; round < KILLS; round++) {
    const service = startCommand(args)
    await service.said('msg=running')
    for (let burst = 0; burst < 3; burst++) {
      write()
      await sleep((round * 37) % 200)
    }
    await service.end('SIGKILL')
    write()
  }
  const last = startCommand(args)
  tap.teardown(() => last.child.kill('SIGKILL'))
  const distinct = (): number => new Set(loki.entries().map(({ line }) => line)).size
  await loki.waitUntil(() => distinct() === written)
  const twice = loki.entries().length - written
  tap.comment(`${written} entries in ${KILLS + 1} lives: ${written - distinct()} lost, ${twice} sent twice`)
  tap.ok(twice < written / 2, `${twice} sent twice`)
  tap.equal(await last.end('SIGTERM'), 0)
})
