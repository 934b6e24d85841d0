import { mkdir, mkdtemp, rm, symlink, utimes, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import t from 'tap'
import { TargetFinder } from '../../../../lib/components/local.file_match/match.ts'

interface Tidy {
  teardown(tidy: () => unknown): void
}

async function folderWith(t: Tidy, files: readonly string[]): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'logstream-match-'))
  t.teardown(() => rm(folder, { recursive: true }))
  for (const file of files) {
    await mkdir(join(folder, file, '..'), { recursive: true })
    await writeFile(join(folder, file), 'x\n')
  }
  return folder
}

async function expand(
  targets: Record<string, string>[],
  ignore_older_than = 0,
): Promise<{ found: Record<string, string>[]; errors: string[] }> {
  const errors: string[] = []
  const settings = {
    targets: targets.map((target) => new Map(Object.entries(target))),
    sync_period: 1000,
    ignore_older_than,
  }
  const found = await new TargetFinder(settings).find(Date.now(), (message) => errors.push(message))
  return { found: found.map((target) => Object.fromEntries(target)), errors }
}

void t.test('gives one target per file, sorted, with all labels of the pattern', async (t) => {
  const folder = await folderWith(t, ['b.log', 'a.log', 'c.txt', 'deep/er/d.log', 'skip/e.log', '.f.log'])
  const { found } = await expand([
    { __path__: `${folder}/**/*.log`, __path_exclude__: `${folder}/skip/*`, job: 'x', empty: '' },
  ])
  t.strictSame(
    found.map(({ __path__ }) => __path__?.slice(folder.length)),
    ['/.f.log', '/a.log', '/b.log', '/deep/er/d.log'],
  )
  t.match(found[0], { job: 'x', __path_exclude__: `${folder}/skip/*` })
})

void t.test('takes a plain path, a list in braces, links; leaves folders and old files out', async (t) => {
  const folder = await folderWith(t, ['a.log', 'b.log', 'real/x.log', 'z.log/inside'])
  await symlink(join(folder, 'real'), join(folder, 'linked'))
  await symlink(folder, join(folder, 'real', 'loop'))
  await utimes(join(folder, 'b.log'), 1, 1)
  const paths = async (pattern: string, older = 0): Promise<string[]> =>
    (await expand([{ __path__: folder + pattern }], older)).found.map((of) =>
      of['__path__']!.slice(folder.length),
    )
  t.strictSame(await paths('/a.log'), ['/a.log'])
  t.strictSame(await paths('/none.log'), [])
  t.strictSame(await paths('/{a,b}.log'), ['/a.log', '/b.log'])
  t.strictSame(await paths('/{a,b}.log', 60_000), ['/a.log'])
  t.strictSame(await paths('/*.log'), ['/a.log', '/b.log'])
  t.strictSame(await paths('/linked/*.log'), ['/linked/x.log'])
  t.strictSame(await paths('/**/x.log'), ['/linked/x.log', '/real/x.log'])
})

void t.test('a bad pattern is told, the others go on', async (t) => {
  const folder = await folderWith(t, ['a.log'])
  const { found, errors } = await expand([{ __path__: `${folder}/[` }, {}, { __path__: `${folder}/*` }])
  t.equal(found.length, 1)
  t.match(errors, [/without its \]/, /no __path__/])
})
