/** `logstream dlq`, on a storage folder of 0.1.0. */
import { appendFile, cp } from 'node:fs/promises'
import { join } from 'node:path'
import t from 'tap'
import { main } from '../../../lib/cli/main.ts'
import { fakeIo } from '../../support/fake-io.ts'
import { startFakeLoki } from '../../support/fake-loki.ts'
import { tempDir } from '../../support/write-harness.ts'

async function run(...args: readonly string[]): Promise<{ code: number; out: string; err: string }> {
  const io = fakeIo()
  const code = await main(args, io)
  return { code, out: io.out(), err: io.err() }
}

void t.test('dead letters are listed, shown, and sent again once', async (tap) => {
  const folder = await tempDir(tap)
  await cp('fixtures/storage-0.1.0', folder, { recursive: true })
  const at = ['--storage.path', folder]
  tap.match(await run('dlq', 'list', ...at), {
    code: 0,
    out: /^loki\.write\.w: 3 dead letters, 0 replayed.*\n +3 {2}400 entry for stream/,
  })
  const shown = (await run('dlq', 'show', ...at)).out.trim().split('\n')
  tap.equal(shown.length, 3)
  tap.match(JSON.parse(shown[0]!), { tenant: 'team', line: 'dead line 0', status: 400 })
  tap.equal((await run('dlq', 'show', ...at, 'loki.write.other')).out, '')

  const loki = await startFakeLoki()
  tap.teardown(() => loki.close())
  const url = ['--loki-url', loki.url]
  loki.respond(() => ({ status: 400, body: 'has timestamp too old' }))
  tap.match(await run('dlq', 'replay', ...at, ...url), { code: 3, out: /^0 delivered, 3 refused again, 0/ })
  loki.respond(() => 204)
  tap.match(await run('dlq', 'replay', ...at, ...url), { code: 0, out: /^0 delivered/ }, 'only what is new')
  tap.match(await run('dlq', 'list', ...at), { out: /3 dead letters, 3 replayed/ })
  tap.match(await run('dlq', 'replay', ...at, ...url, '--all'), { code: 0, out: /^3 delivered/ })
  const { timestamp } = JSON.parse(shown[0]!) as { timestamp: string }
  tap.match(loki.entries()[0], { tenant: 'team', line: 'dead line 0', timestamp })
  tap.match(await run('dlq', 'replay', ...at, ...url, '--all', '--now'), { code: 0 })
  tap.match(loki.entries()[3], { line: 'dead line 0', metadata: [['original_timestamp', timestamp]] })
  tap.not(loki.entries()[3]?.timestamp, timestamp)
})

void t.test('letters of a newer format are refused by name', async (tap) => {
  const folder = await tempDir(tap)
  await cp('fixtures/storage-0.1.0', folder, { recursive: true })
  const letters = join(folder, 'loki.write.w', 'dead-letters', 'dead-letters-0.jsonl')
  await appendFile(letters, '{"format":2,"line":"x","timestamp":"1"}\n')
  tap.match(await run('dlq', 'show', '--storage.path', folder), {
    code: 1,
    err: /format 2, written by a newer/,
  })
})

void t.test('words that are not understood', async (tap) => {
  for (const args of [['dlq'], ['dlq', 'bury'], ['dlq', 'list', 'a', 'b'], ['spool'], ['spool', 'empty']])
    tap.match(await run(...args), { code: 1, err: /--help/ }, args.join(' '))
  tap.match(await run('dlq', 'replay', '--storage.path', await tempDir(tap)), {
    code: 1,
    err: /needs --loki-url/,
  })
  tap.match(await run('spool', 'list', '--storage.path', '/nowhere'), { code: 0, out: /nothing waits/ })
})
