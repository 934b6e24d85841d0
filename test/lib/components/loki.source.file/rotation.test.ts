import {
  appendFileSync,
  copyFileSync,
  linkSync,
  mkdirSync,
  renameSync,
  statSync,
  writeFileSync,
} from 'node:fs'
import { basename, join } from 'node:path'
import t from 'tap'
import type { GenerationPosition } from '../../../../lib/disk/positions-format.ts'
import { UTF8 } from '../../../../lib/intake/encoding.ts'
import { MAX_LINE_BYTES } from '../../../../lib/intake/line-limit.ts'
import { Generation, sharedBuffer } from '../../../../lib/components/loki.source.file/generation.ts'
import {
  isRotationName,
  locate,
  missedSince,
  openSibling,
  rotationBase,
  siblings,
} from '../../../../lib/components/loki.source.file/rotation.ts'
import { OpenFile } from '../../../../lib/components/loki.source.file/open-file.ts'
import { asText, numbered, temporaryFolder } from './harness.ts'

void t.test('names that rotation makes', async (t) => {
  for (const [base, names] of [
    [
      'app.log',
      ['app.log.1', 'app.log.12', 'app.log-20260102', 'app.log.2026-01-02', 'app.log.old', 'app.log.bak'],
    ],
    ['app.log', ['app-20260102.log', 'app.1.log', 'app-2026-01-02T03-04-05.678.log', 'app_1.log']],
    ['app', ['app.1', 'app-20260102']],
  ] as const)
    for (const name of names) {
      t.equal(isRotationName(base, name), true, `${base} ${name}`)
      t.equal(rotationBase(name), base, name)
    }
  for (const name of [
    'app.log',
    'app.log.1.gz',
    'app.log2',
    'app.err.log',
    'apple.log',
    'app.log.',
    'x.log.1',
  ])
    t.equal(isRotationName('app.log', name), false, name)
  for (const name of ['app.log', 'access.log', 'x', '']) t.equal(rotationBase(name), name)
})

void t.test('siblings are the plain files of the rotation, each once', async (t) => {
  const folder = await temporaryFolder(t)
  for (const name of ['app.log', 'app.log.1', 'app.log.2.gz', 'other.log'])
    writeFileSync(join(folder, name), name)
  mkdirSync(join(folder, 'app.log.3'))
  linkSync(join(folder, 'app.log.1'), join(folder, 'app.log.4'))
  // The two names of one file count once, whichever comes.
  const names = async (all?: boolean): Promise<string[]> =>
    (await siblings(join(folder, 'app.log'), all)).map(({ path }) => basename(path))
  t.equal((await names()).length, 1)
  t.match((await names(true)).toSorted(), [/app/, /app/, /other/])
  t.strictSame(await siblings(join(folder, 'none', 'x')), [])
})

async function positionIn(path: string): Promise<GenerationPosition> {
  const handle = await OpenFile.open(path)
  const generation = new Generation(handle, statSync(path, { bigint: true }), {
    encoding: UTF8,
    maxLineBytes: MAX_LINE_BYTES,
  })
  await generation.prepare()
  const chunk = await generation.read(sharedBuffer())
  if (typeof chunk === 'string') throw new Error(chunk)
  generation.acked = generation.advance(chunk, 0, chunk.end)
  await generation.close()
  return generation.position
}

void t.test('locates a renamed file by inode, a copy by its bytes, and nothing else', async (t) => {
  const folder = await temporaryFolder(t)
  const path = join(folder, 'app.log')
  writeFileSync(path, asText(numbered(0, 100)))
  const position = await positionIn(path)
  const where = async (): Promise<string | undefined> => {
    const located = await locate(path, await siblings(path, true), position)
    await located?.handle.close()
    return located && basename(located.path)
  }
  writeFileSync(join(folder, 'app.log.9'), asText(numbered(1, 101)))
  t.equal(await where(), undefined, 'as long, but other bytes')
  copyFileSync(path, join(folder, 'app.log.1'))
  appendFileSync(join(folder, 'app.log.1'), 'more\n')
  t.equal(await where(), 'app.log.1')
  renameSync(path, join(folder, 'moved'))
  t.equal(await where(), 'moved', 'the file itself before a copy')
  writeFileSync(join(folder, 'moved'), 'other')
  t.equal(await where(), 'app.log.1', 'the inode was used anew')
})

void t.test('missed are those that were born since, oldest first', async (t) => {
  const folder = await temporaryFolder(t)
  for (const name of ['app.log.2', 'app.log.1']) writeFileSync(join(folder, name), name)
  const among = await siblings(join(folder, 'app.log'))
  const names = (since: number, known = ''): string[] =>
    missedSince(among, since, ({ path }) => path.endsWith(known || '?')).map(({ path }) => basename(path))
  t.strictSame(names(0), ['app.log.2', 'app.log.1'])
  t.strictSame(names(0, '.2'), ['app.log.1'])
  t.strictSame(names(Date.now() + 60_000), [])
})

void t.test('a sibling that was renamed meanwhile is opened by its new name', async (t) => {
  const folder = await temporaryFolder(t)
  const path = join(folder, 'app.log')
  writeFileSync(`${path}.1`, 'x')
  const [sibling] = await siblings(path)
  renameSync(`${path}.1`, `${path}.2`)
  writeFileSync(`${path}.1`, 'another')
  const located = await openSibling(path, sibling!)
  t.equal(located?.path, `${path}.2`)
  await located?.handle.close()
  renameSync(`${path}.2`, join(await temporaryFolder(t), 'elsewhere'))
  t.equal(await openSibling(path, sibling!), undefined)
})
