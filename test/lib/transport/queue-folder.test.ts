/** Appending: files of bounded size, all lines or none, a limit, and what may be removed. */
import { mkdirSync, readdirSync, readFileSync, rmdirSync, statSync } from 'node:fs'
import { join } from 'node:path'
import t from 'tap'
import { queueFile, queueFiles, QueueWriter } from '../../../lib/transport/queue-folder.ts'

const MIB = 1024 ** 2

void t.test('files of 16 MiB, removed once they have been delivered', async (tap) => {
  const folder = join(tap.testdir({}), 'queue')
  const writer = new QueueWriter(folder, 40 * MIB)
  tap.teardown(() => writer.close())
  const lines = Buffer.alloc(5 * MIB, 'x')
  lines[lines.length - 1] = 10
  for (let i = 0; i < 7; i++) writer.append(lines)
  await Promise.all([writer.sync(), writer.sync()])
  tap.same(queueFiles(folder), [0, 1, 2])
  tap.equal(readFileSync(queueFile(folder, 0)).length, 15 * MIB, 'lines stay whole')
  tap.ok(writer.isFull(6 * MIB))
  tap.notOk(writer.isFull(5 * MIB))
  await writer.removeBefore(2)
  tap.same(queueFiles(folder), [2])
  tap.notOk(writer.isFull(35 * MIB), 'what was removed makes room')
  writer.append(Buffer.from('after a sync\n'))
  await writer.sync()
})

void t.test('when no further file can be made, the last one stays as it is', (tap) => {
  const folder = join(tap.testdir({}), 'queue')
  const writer = new QueueWriter(folder, 40 * MIB)
  tap.teardown(() => writer.close())
  const lines = Buffer.alloc(10 * MIB, 'x')
  writer.append(lines)
  mkdirSync(queueFile(folder, 1))
  for (const attempt of ['once', 'again']) tap.throws(() => writer.append(lines), { code: 'EISDIR' }, attempt)
  rmdirSync(queueFile(folder, 1))
  writer.append(lines)
  tap.same(
    queueFiles(folder).map((number) => statSync(queueFile(folder, number)).size),
    [10 * MIB, 10 * MIB],
  )
  tap.end()
})

void t.test('what cannot be written is not there in part', (tap) => {
  // A full device: every write fails with ENOSPC, and so does making a file shorter.
  tap.throws(() => new QueueWriter('/dev/null/queue', MIB), { code: 'ENOTDIR' })
  const folder = join(tap.testdir({}), 'queue')
  const writer = new QueueWriter(folder, MIB)
  tap.teardown(() => writer.close())
  writer.append(Buffer.from('a\n'))
  tap.same(readdirSync(folder), ['00000000.ndjson'])
  tap.end()
})
