import { copyFile, readdir, readFile, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import t from 'tap'
import { Positions } from '../../../lib/disk/positions.ts'
import type { GenerationPosition } from '../../../lib/disk/positions-format.ts'
import { withFewFiles } from '../../support/few-files.ts'
import { temporaryFolder, until, world } from '../components/loki.source.file/harness.ts'

function at(offset: number): GenerationPosition {
  return { device: '1', inode: '2', head: 0, hash: '', offset, anchor: 0, size: offset, since: 0 }
}

async function opened(folder: string | undefined): Promise<{ positions: Positions; logs: string[] }> {
  const { ctx, logs } = world()
  return { positions: await Positions.open({ folder, log: ctx.log, clock: ctx.clock }), logs }
}

void t.test('keeps what readers say, saves at once, reads it back', async (t) => {
  const folder = join(await temporaryFolder(t), 'made', 'on', 'use')
  const { positions } = await opened(folder)
  let offset = 1
  positions.attach('/a', '{x="y"}', () => [at(offset)])
  positions.changed('/a', '{x="y"}')
  const file = join(folder, 'positions.json')
  await until('the save', async () => (await readFile(file, 'utf8').catch(() => '')).includes('"offset":1,'))
  offset = 2
  positions.changed('/a', '{x="y"}')
  await until('the next save', async () => (await readFile(file, 'utf8')).includes('"offset":2,'))
  offset = 3
  positions.changed('/a', '{x="y"}')
  await positions.close()
  const again = (await opened(folder)).positions
  t.strictSame(again.stored('/a', '{x="y"}')?.generations, [at(3)])
  t.equal(again.stored('/a', '{}'), undefined)
  again.delete('/a', '{x="y"}')
  await again.close()
  t.strictSame((await opened(folder)).positions.entries(), [])
})

void t.test('many changes make few saves', async (t) => {
  const folder = await temporaryFolder(t)
  const { positions } = await opened(folder)
  let asked = 0
  positions.attach('/a', '{}', () => [at(++asked)])
  for (let i = 0; i < 1000; i++) positions.changed('/a', '{}')
  await positions.flush()
  t.ok(asked < 10, `asked ${asked} times`)
})

void t.test('a damaged file is put aside, its backup is used', async (t) => {
  const folder = await temporaryFolder(t)
  const { positions } = await opened(folder)
  positions.attach('/a', '{}', () => [at(7)])
  positions.changed('/a', '{}')
  await positions.close()
  await writeFile(join(folder, 'positions.json'), 'not JSON')
  const { positions: again, logs } = await opened(folder)
  t.strictSame(again.stored('/a', '{}')?.generations, [at(7)])
  t.equal(again.lost, false)
  t.ok(logs.some((line) => line.includes('cannot be used') && line.includes('damaged-')))
  t.ok((await readdir(folder)).some((name) => name.startsWith('positions.json.damaged-')))
})

void t.test('with both damaged the start goes on without positions', async (t) => {
  const folder = await temporaryFolder(t)
  for (const name of ['positions.json', 'positions.backup.json'])
    await writeFile(join(folder, name), '\0\0\0')
  const { positions } = await opened(folder)
  t.equal(positions.lost, true)
  t.strictSame(positions.entries(), [])
})

void t.test('a damaged entry stays damaged until the file is read again', async (t) => {
  const folder = await temporaryFolder(t)
  const text = '{"logstream_positions":1,"files":[{"path":"/a","labels":"{}","generations":[7]}]}'
  await writeFile(join(folder, 'positions.json'), text)
  const { positions } = await opened(folder)
  positions.attach('/b', '{}', () => [at(1)])
  positions.changed('/b', '{}')
  await positions.close()
  t.match((await opened(folder)).positions.entries(), [
    { path: '/a', damaged: true },
    { path: '/b', damaged: false },
  ])
})

void t.test('what cannot be saved is told once, and saved when it can', async (t) => {
  const inTheWay = join(await temporaryFolder(t), 'data')
  await writeFile(inTheWay, 'a file where the folder should be')
  const { positions, logs } = await opened(inTheWay)
  positions.attach('/a', '{}', () => [at(1)])
  for (let i = 0; i < 3; i++) {
    positions.changed('/a', '{}')
    await positions.flush()
  }
  t.equal(logs.filter((line) => line.includes('cannot be saved')).length, 1)
  await rm(inTheWay)
  await positions.close()
  t.strictSame((await opened(inTheWay)).positions.stored('/a', '{}')?.generations, [at(1)])
})

void t.test('what a killed process has left of a save goes', async (t) => {
  const folder = await temporaryFolder(t)
  const others = ['positions-2.json.7.1.tmp', 'positions.json.tmp', 'positions.lock.7.1.tmp']
  for (const name of [...others, 'positions.json.7.1.tmp', 'positions.backup.json.7.2.tmp'])
    await writeFile(join(folder, name), '')
  const { positions } = await opened(folder)
  await positions.close()
  t.strictSame((await readdir(folder)).toSorted(), others)
})

void t.test('what cannot be read for want of file descriptors is not damaged', async (t) => {
  const folder = await temporaryFolder(t)
  const { positions } = await opened(folder)
  positions.attach('/a', '{}', () => [at(7)])
  positions.changed('/a', '{}')
  await positions.close()
  // Of a process that has ended, and is taken over.
  await copyFile(join(folder, 'positions.json'), join(folder, 'positions-2.json'))
  const before = await readFile(join(folder, 'positions.json'), 'utf8')
  const script = new URL('../../support/positions-few-files.js', import.meta.url)
  t.match(await withFewFiles(script, folder), /positions.*too many open files/)
  t.strictSame((await readdir(folder)).toSorted(), ['positions.backup.json', 'positions.json'])
  t.equal(await readFile(join(folder, 'positions.json'), 'utf8'), before)
  const again = (await opened(folder)).positions
  t.strictSame(again.stored('/a', '{}')?.generations, [at(7)])
  await again.close()
})

void t.test('without a folder positions are kept in memory', async (t) => {
  const { positions } = await opened(undefined)
  positions.attach('/a', '{}', () => [at(1)])
  positions.changed('/a', '{}')
  await positions.flush()
  t.strictSame(positions.stored('/a', '{}')?.generations, [at(1)])
})
