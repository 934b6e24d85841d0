import { execFileSync } from 'node:child_process'
import { symlinkSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import t from 'tap'
import { OpenFile } from '../../../../lib/components/loki.source.file/open-file.ts'
import { temporaryFolder } from './harness.ts'

for (const local of [true, false]) {
  const open = async (path: string): Promise<OpenFile> => await OpenFile.open(path, () => local)

  void t.test(`reads, local or not (${local})`, async (t) => {
    const path = join(await temporaryFolder(t), 'app.log')
    writeFileSync(path, 'one\ntwo\n')
    const file = await open(path)
    const buffer = Buffer.alloc(6)
    t.equal(await file.read(buffer, 4), 4)
    t.equal(buffer.toString('latin1', 0, 4), 'two\n')
    t.equal(await file.read(buffer, 8), 0, 'nothing is after the end')
    t.equal(await file.size(), 8)
    t.equal((await file.stats()).isFile(), true)
    await file.close()
    await file.close()
    await t.rejects(async () => await file.read(buffer, 0), 'its number may be that of another file by now')
    await t.rejects(open(join(path, 'x')), { code: 'ENOTDIR' })
  })
}

void t.test('what could hang is not opened at once, or not waited for', { timeout: 5000 }, async (t) => {
  const folder = await temporaryFolder(t)
  const local = (): boolean => true
  writeFileSync(join(folder, 'app.log'), '')
  symlinkSync('app.log', join(folder, 'link'))
  t.throws(() => OpenFile.open(join(folder, 'link'), local), { code: 'ELOOP' })
  const link = await OpenFile.open(join(folder, 'link'))
  await link.close()
  execFileSync('mkfifo', [join(folder, 'pipe')])
  const pipe = await OpenFile.open(join(folder, 'pipe'), local)
  t.equal((await pipe.stats()).isFIFO(), true)
  await pipe.close()
})
