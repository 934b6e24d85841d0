import { mkdirSync, symlinkSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import t from 'tap'
import { findFiles } from '../../../../lib/components/local.file_match/discover.ts'
import { Glob } from '../../../../lib/components/local.file_match/glob.ts'
import { temporaryFolder } from '../loki.source.file/harness.ts'

void t.test('finds files sorted, with their names as the pattern has them', async (t) => {
  const folder = await temporaryFolder(t)
  mkdirSync(join(folder, 'b', 'c'), { recursive: true })
  for (const name of ['b/c/2.log', 'b/1.log', 'a.log', 'b/x.txt']) writeFileSync(join(folder, name), '')
  const found = await findFiles(new Glob(`${folder}/**/*.log`))
  t.strictSame(
    found.map(({ name }) => name.slice(folder.length + 1)),
    ['a.log', 'b/1.log', 'b/c/2.log'],
  )
  t.ok(found.every(({ name, path }) => name === path))
  t.strictSame(await findFiles(new Glob(join(folder, 'none', '*'))), [])
})

void t.test('links to files are found, links to folders and to nothing are not', async (t) => {
  const folder = await temporaryFolder(t)
  writeFileSync(join(folder, 'file'), '')
  mkdirSync(join(folder, 'folder.log'))
  for (const to of ['file', 'folder.log', 'nothing'])
    symlinkSync(join(folder, to), join(folder, `to-${to}.log`))
  const found = await findFiles(new Glob(join(folder, '*.log')))
  t.strictSame(
    found.map(({ path }) => path),
    [join(folder, 'to-file.log')],
  )
})

void t.test('a relative pattern gives relative names and absolute paths', async (t) => {
  const [found] = await findFiles(new Glob('package.jso[n]'))
  t.match(found, { name: 'package.json', path: join(process.cwd(), 'package.json') })
})
