import { mkdtemp, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import t from 'tap'
import { codeOf, readIfExists, writeAtomic } from '../../../lib/disk/atomic.ts'

void t.test('replaces a file as a whole, makes its folder, leaves no temporary file', async (t) => {
  const folder = await mkdtemp(join(tmpdir(), 'logstream-atomic-'))
  t.teardown(() => rm(folder, { recursive: true }))
  const path = join(folder, 'new', 'file')
  await writeAtomic(path, 'one')
  await Promise.all(['two', 'three', 'four'].map((text) => writeAtomic(path, text, { sync: false })))
  t.match(await readFile(path, 'utf8'), /^(two|three|four)$/)
  t.equal((await stat(path)).mode & 0o777, 0o600)
  t.strictSame(await readdir(join(folder, 'new')), ['file'])
})

void t.test('a failed write leaves the old file and no other', async (t) => {
  const folder = await mkdtemp(join(tmpdir(), 'logstream-atomic-'))
  t.teardown(() => rm(folder, { recursive: true }))
  // A folder cannot be replaced by a file.
  await writeAtomic(join(folder, 'dir', 'inner'), 'x')
  await t.rejects(writeAtomic(join(folder, 'dir'), 'x'))
  t.strictSame(await readdir(folder), ['dir'])
  t.strictSame(await readdir(join(folder, 'dir')), ['inner'])
})

void t.test('reading: the bytes, nothing, or an error', async (t) => {
  const folder = await mkdtemp(join(tmpdir(), 'logstream-atomic-'))
  t.teardown(() => rm(folder, { recursive: true }))
  t.equal(await readIfExists(join(folder, 'none')), undefined)
  await writeFile(join(folder, 'some'), 'x')
  t.equal((await readIfExists(join(folder, 'some')))?.toString(), 'x')
  await t.rejects(readIfExists(folder), { code: 'EISDIR' })
  t.equal(codeOf(new Error('x')), '')
  t.equal(codeOf('x'), '')
})
