/** `logstream spool`, on a spool of this version. */
import { readdir, truncate } from 'node:fs/promises'
import { join } from 'node:path'
import t from 'tap'
import { main } from '../../../lib/cli/main.ts'
import { fakeIo } from '../../support/fake-io.ts'
import { startFakeLoki } from '../../support/fake-loki.ts'
import { endpoint, numbered, tempDir, WriteHarness } from '../../support/write-harness.ts'

async function run(...args: readonly string[]): Promise<{ code: number; out: string; err: string }> {
  const io = fakeIo()
  const code = await main(args, io)
  return { code, out: io.out(), err: io.err() }
}

void t.test('a spool is listed with its destination, and verified', async (tap) => {
  const folder = await tempDir(tap)
  const loki = await startFakeLoki({ respond: () => 503 })
  tap.teardown(() => loki.close())
  const sink = new WriteHarness(
    { endpoint: [endpoint(loki.pushUrl, { batch_size: '50B' })] },
    { dataDir: join(folder, 'module/loki.write.test') },
  )
  await sink.write(numbered(30))
  tap.equal(await sink.end(0), undefined)
  const at = ['--storage.path', folder]
  tap.match(await run('spool', 'list', ...at), {
    code: 0,
    out: `module/loki.write.test to ${loki.pushUrl}: 30 entries in 1 file,`,
  })
  tap.match(await run('spool', 'verify', ...at), { code: 0, out: /30 entries, ok/ })
  const names = await readdir(folder, { recursive: true })
  await truncate(
    join(
      folder,
      names.find((name) => name.endsWith('.spool'))!,
    ),
    300,
  )
  const { code, out } = await run('spool', 'verify', ...at, '--json')
  tap.equal(code, 4)
  tap.match(JSON.parse(out), { files: [{ fault: /it ends at byte 300/ }] })
  const { files } = JSON.parse(out) as { files: [{ entries: number; lost: number }] }
  tap.equal(files[0].entries + files[0].lost, 30, 'each entry is counted')

  loki.respond(() => 204)
  const next = new WriteHarness(
    { endpoint: [endpoint(loki.pushUrl)] },
    { dataDir: join(folder, 'module/loki.write.test') },
  )
  await loki.waitFor(files[0].entries)
  tap.equal(await next.end(), undefined)
  tap.equal(next.ledger.noted('adopted'), files[0].entries)
  tap.equal(next.ledger.noted('torn'), files[0].lost, 'also in the account')
  tap.match(next.log.join('\n'), new RegExp(`spool file is damaged.*lostEntries=${files[0].lost}`))
})
