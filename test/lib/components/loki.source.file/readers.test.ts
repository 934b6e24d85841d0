import { appendFileSync, existsSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import t from 'tap'
import { MAX_LINE_BYTES } from '../../../../lib/intake/line-limit.ts'
import { labelSet } from '../../../../lib/flow/labels.ts'
import {
  FileReaders,
  targetLabels,
  type ReaderSettings,
} from '../../../../lib/components/loki.source.file/readers.ts'
import { Collector, temporaryFolder, until, world } from './harness.ts'

const SETTINGS: ReaderSettings = {
  encoding: '',
  maxLineBytes: MAX_LINE_BYTES,
  decompression: undefined,
  follow: true,
  fromEnd: false,
  onPositionsError: 'restart_from_beginning',
  legacyPositionsFile: '',
  minPollMs: 25,
  maxPollMs: 25,
}

void t.test('labels of a target', async (t) => {
  const labels = targetLabels([
    ['__path__', '/x'],
    ['a', 'b'],
    ['filename', 'y'],
    ['__meta', 'z'],
  ])
  t.equal(labels.text, '{a="b"}')
})

void t.test(
  'a target that goes and comes back goes on; its rotated file is finished meanwhile',
  async (t) => {
    const folder = await temporaryFolder(t)
    const path = join(folder, 'a.log')
    const target = { path, labels: labelSet({}) }
    const readers = new FileReaders(SETTINGS, world(join(folder, 'data')).ctx)
    const got = new Collector({ output: readers.output })
    t.teardown(() => readers.close())
    writeFileSync(path, 'one\n')
    await readers.start([target])
    await until('one', () => got.lines.length === 1)
    renameSync(path, `${path}.1`)
    await readers.setTargets([])
    appendFileSync(`${path}.1`, 'late\n')
    await until('late', () => got.lines.length === 2)
    writeFileSync(path, 'two\n')
    await readers.setTargets([target])
    await until('two', () => got.lines.length === 3)
    t.strictSame(got.lines, ['one', 'late', 'two'])
    await readers.setTargets([])
    await until('the reader to end', () => readers.status.length === 0 || readers.status[0]!.size === 4)
  },
)

void t.test('start waits until files are open; close after close is nothing', async (t) => {
  const folder = await temporaryFolder(t)
  const path = join(folder, 'a.log')
  writeFileSync(path, 'one\n')
  const readers = new FileReaders(SETTINGS, world(join(folder, 'data')).ctx)
  const got = new Collector({ output: readers.output })
  await readers.start([{ path, labels: labelSet({}) }])
  rmSync(path)
  await until('the line of the removed file', () => got.lines.length === 1)
  await readers.stop()
  await got.ended
  await readers.close()
  await readers.close()
  t.ok(existsSync(join(folder, 'data', 'positions.json')))
})

void t.test('what the first of many files hold goes out before all of them are read', async (t) => {
  const folder = await temporaryFolder(t)
  const targets = Array.from({ length: 100 }, (_, i) => ({
    path: join(folder, `${i}.log`),
    labels: labelSet({}),
  }))
  for (const { path } of targets) writeFileSync(path, 'a line\n')
  const readers = new FileReaders(SETTINGS, world().ctx)
  t.teardown(() => readers.close())
  let open: number | undefined
  readers.output.once('data', () => (open = readers.status.length))
  await readers.start(targets)
  t.ok(open !== undefined && open < 50, `${open} files were open`)
})

void t.test('a file whose target is gone before its turn comes is not begun', async (t) => {
  const folder = await temporaryFolder(t)
  const targets = Array.from({ length: 50 }, (_, i) => ({
    path: join(folder, `${i}.log`),
    labels: labelSet({}),
  }))
  for (const { path } of targets) writeFileSync(path, 'a line\n')
  const readers = new FileReaders(SETTINGS, world().ctx)
  t.teardown(() => readers.close())
  readers.output.resume()
  await readers.start([])
  await Promise.all([readers.setTargets(targets), readers.setTargets(targets.slice(0, 1))])
  await until('the others to end', () => readers.status.length === 1)
})
