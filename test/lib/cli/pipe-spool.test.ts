/** Pipes that share the user's storage folder: a spool belongs to one destination, and what is lost shows in the status. */
import t from 'tap'
import { main } from '../../../lib/cli/main.ts'
import { fakeIo } from '../../support/fake-io.ts'
import { startFakeLoki } from '../../support/fake-loki.ts'
import { numbered, tempDir } from '../../support/write-harness.ts'

async function pipe(
  folder: string,
  args: readonly string[],
  lines: readonly string[] = [],
): Promise<{ code: number; err: string }> {
  const io = fakeIo(lines.map((line) => `${line}\n`).join(''), { HOME: folder })
  const code = await main([...args, '--storage.path', folder], io)
  return { code, err: io.err() }
}

void t.test('lines for one Loki are not sent to another', async (tap) => {
  const folder = await tempDir(tap)
  const [first, second] = [await startFakeLoki({ respond: () => 401 }), await startFakeLoki()]
  tap.teardown(() => Promise.all([first.close(), second.close()]))
  tap.match(await pipe(folder, ['--loki-url', first.url], numbered(5, 'first')), {
    code: 3,
    err: /5 lines wait in the spool/,
  })
  const other = await pipe(folder, ['--loki-url', second.url], numbered(2, 'second'))
  tap.equal(other.code, 0, 'its own lines are all delivered')
  tap.match(
    other.err,
    `destination=${first.pushUrl}`,
    'but it says that others wait, and where they are to go',
  )
  tap.same(
    second.entries().map(({ line }) => line),
    numbered(2, 'second'),
  )
  first.respond(() => 204)
  tap.equal((await pipe(folder, ['--loki-url', first.url])).code, 0)
  tap.same(
    first.entries().map(({ line }) => line),
    numbered(5, 'first'),
  )
})
