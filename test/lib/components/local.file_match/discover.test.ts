import { mkdirSync, rmSync, statSync, symlinkSync, unlinkSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import t from 'tap'
import { FileFinder, type Found } from '../../../../lib/components/local.file_match/discover.ts'
import { Glob } from '../../../../lib/components/local.file_match/glob.ts'
import { temporaryFolder } from '../loki.source.file/harness.ts'

const find = (pattern: string): Promise<readonly Found[]> => new FileFinder(new Glob(pattern)).find()

void t.test('finds files sorted, with their names as the pattern has them', async (t) => {
  const folder = await temporaryFolder(t)
  mkdirSync(join(folder, 'b', 'c'), { recursive: true })
  for (const name of ['b/c/2.log', 'b/1.log', 'a.log', 'b/x.txt']) writeFileSync(join(folder, name), '')
  const found = await find(`${folder}/**/*.log`)
  t.strictSame(
    found.map(({ name }) => name.slice(folder.length + 1)),
    ['a.log', 'b/1.log', 'b/c/2.log'],
  )
  t.ok(found.every(({ name, path }) => name === path))
  t.strictSame(await find(join(folder, 'none', '*')), [])
})

void t.test('links to files are found, links to folders and to nothing are not', async (t) => {
  const folder = await temporaryFolder(t)
  writeFileSync(join(folder, 'file'), '')
  mkdirSync(join(folder, 'folder.log'))
  for (const to of ['file', 'folder.log', 'nothing'])
    symlinkSync(join(folder, to), join(folder, `to-${to}.log`))
  t.strictSame(
    (await find(join(folder, '*.log'))).map(({ path }) => path),
    [join(folder, 'to-file.log')],
  )
})

void t.test('a relative pattern gives relative names and absolute paths', async (t) => {
  const [found] = await find('package.jso[n]')
  t.match(found, { name: 'package.json', path: join(process.cwd(), 'package.json') })
})

void t.test('a second look finds what has changed, and returns the same array if nothing has', async (t) => {
  const folder = await temporaryFolder(t)
  mkdirSync(join(folder, 'deep'))
  writeFileSync(join(folder, 'a.log'), '')
  symlinkSync(join(folder, 'target'), join(folder, 'link.log'))
  // Its folders have last been changed long ago, so listings are kept.
  const finder = new FileFinder(new Glob(`${folder}/**/*.log`), () => Date.now() + 60_000)
  const names = async (): Promise<string[]> =>
    (await finder.find()).map(({ name }) => name.slice(folder.length + 1))
  t.strictSame(await names(), ['a.log'])
  t.equal(await finder.find(), await finder.find())
  // The kernel's clock is coarse: a change so soon could leave the folder's time as it is.
  const change = (at: string, make: () => void): void => {
    const before = statSync(at).ctimeMs
    make()
    while (statSync(at).ctimeMs === before) {
      writeFileSync(join(at, 'tick'), '')
      unlinkSync(join(at, 'tick'))
    }
  }
  change(folder, () => writeFileSync(join(folder, 'b.log'), ''))
  t.strictSame(await names(), ['a.log', 'b.log'])
  change(join(folder, 'deep'), () => writeFileSync(join(folder, 'deep', 'c.log'), ''))
  t.strictSame(await names(), ['a.log', 'b.log', 'deep/c.log'])
  // Nothing changes in the link's folder.
  const elsewhere = await temporaryFolder(t)
  change(folder, () => symlinkSync(join(elsewhere, 'file'), join(folder, 'away.log')))
  t.strictSame(await names(), ['a.log', 'b.log', 'deep/c.log'])
  writeFileSync(join(elsewhere, 'file'), '')
  t.strictSame(await names(), ['a.log', 'away.log', 'b.log', 'deep/c.log'])
  change(folder, () => {
    rmSync(join(folder, 'deep'), { recursive: true })
    rmSync(join(folder, 'a.log'))
  })
  t.strictSame(await names(), ['away.log', 'b.log'])
})
