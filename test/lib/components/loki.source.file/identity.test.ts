// Whether a file is the one that was read: inode numbers are given away again, and contents may end alike.
import { appendFileSync, rmSync, statSync, truncateSync, utimesSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import t from 'tap'
import { metric } from '../../../support/source.ts'
import { asText, numbered, startSource, temporaryFolder, until, type Running } from './harness.ts'

/** Longer than what is compared before a position, so that all lines end alike. */
const PADDING = 'x'.repeat(100)

function padded(from: number, to: number): string[] {
  return numbered(from, to).map((line) => `${line} ${PADDING}`)
}

async function start(path: string, data: string): Promise<Running> {
  return await startSource({ targets: [{ __path__: path }] }, data)
}

function received(running: Running, count: number): Promise<void> {
  return until(`${count} lines`, () => running.got.lines.length >= count)
}

/** Writes a file whose inode number was another file's before, if the file system gives it away again. */
function writeOnInode(path: string, text: string, inode: number): boolean {
  for (let tries = 0; tries < 50; tries++) {
    writeFileSync(path, text)
    if (statSync(path).ino === inode) return true
    rmSync(path)
  }
  writeFileSync(path, text)
  return false
}

void t.test('copied and truncated, then grown to the same size with the same tail', async (t) => {
  const folder = await temporaryFolder(t)
  const path = join(folder, 'app.log')
  writeFileSync(path, asText(padded(0, 20)))
  const running = await start(path, join(folder, 'data'))
  t.teardown(() => running.stop())
  await received(running, 20)
  for (const [from, to] of [
    [20, 40],
    [40, 65],
  ] as const) {
    truncateSync(path, 0)
    appendFileSync(path, asText(padded(from, to)))
    await received(running, to)
  }
  t.strictSame(running.got.lines, padded(0, 65))
  t.equal(metric(running.world.ctx, 'logstream_file_gap_bytes_total'), 0, 'nothing was skipped')
})

void t.test('removed and made anew on the same inode while it is followed', async (t) => {
  const folder = await temporaryFolder(t)
  const path = join(folder, 'app.log')
  writeFileSync(path, asText(padded(0, 10)))
  const running = await start(path, join(folder, 'data'))
  t.teardown(() => running.stop())
  await received(running, 10)
  // More than are kept open after their rotation, so that inodes become free.
  for (let round = 1; round <= 15; round++) {
    rmSync(path)
    writeFileSync(path, asText(padded(round * 10, round * 10 + 10)))
    await received(running, round * 10 + 10)
  }
  t.strictSame(running.got.lines, padded(0, 160))
})

void t.test('removed and made anew on the same inode while nothing was reading', async (t) => {
  // The same first KiB too: only the birth tells the two apart.
  const banner = asText(Array.from({ length: 20 }, (_, i) => `banner ${i} ${PADDING}`))
  for (const head of ['', banner]) {
    const banners = head === '' ? 0 : 20
    let reused = false
    // Another process may be given the inode first; with another one, equal heads and tails mean a copy.
    for (let tries = 0; !reused && tries < 20; tries++) {
      const folder = await temporaryFolder(t)
      const path = join(folder, 'app.log')
      writeFileSync(path, head + asText(padded(0, 10)))
      const first = await start(path, join(folder, 'data'))
      await received(first, banners + 10)
      await first.stop()
      const { ino } = statSync(path)
      rmSync(path)
      reused = writeOnInode(path, head + asText(padded(10, 20)), ino)
      if (!reused) continue
      // Written to later than it was born, as files are.
      utimesSync(path, new Date(), new Date())
      const second = await start(path, join(folder, 'data'))
      await received(second, banners + 10)
      t.strictSame(second.got.lines.slice(banners), padded(10, 20))
      await second.stop()
    }
    t.ok(reused, 'the inode was reused')
  }
})
