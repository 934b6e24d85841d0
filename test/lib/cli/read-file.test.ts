import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import t from 'tap'
import { readFileOrStdin } from '../../../lib/cli/read-file.ts'
import { fakeIo } from '../../support/fake-io.ts'

void t.test('a file, or standard input for a dash', async (tap) => {
  const folder = tap.testdir()
  writeFileSync(join(folder, 'a.alloy'), 'größe = 1\n')
  tap.equal(await readFileOrStdin(join(folder, 'a.alloy'), fakeIo('not this')), 'größe = 1\n')
  tap.equal(await readFileOrStdin('-', fakeIo('from a pipe: ä\n')), 'from a pipe: ä\n')
  tap.equal(await readFileOrStdin('-', fakeIo()), '')
})

void t.test('what cannot be read is named', async (tap) => {
  const folder = tap.testdir()
  await tap.rejects(readFileOrStdin(folder, fakeIo()), {
    code: 'IO',
    message: `${folder} is a folder: name a file`,
  })
  const missing = join(folder, 'missing.alloy')
  await tap.rejects(readFileOrStdin(missing, fakeIo()), {
    code: 'IO',
    message: new RegExp(`^cannot read ${missing}: no such file`),
  })
})
