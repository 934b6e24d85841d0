/** Dead letters: JSON lines, several files, a bound, and half a line from a killed process. */
import { execFile } from 'node:child_process'
import { readdir, readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import t from 'tap'
import { DeadLetters, type DeadLetter } from '../../../lib/delivery/dead-letters.ts'
import { tempDir } from '../../support/write-harness.ts'

const letter = (line: string): DeadLetter => ({
  at: '2026-01-02T03:04:05.000Z',
  component: 'loki.write.a',
  endpoint: 'x',
  tenant: '',
  labels: '{a="b"}',
  timestamp: '1767323045000000000',
  line,
  structured_metadata: [],
  status: 400,
  reason: 'no',
})
const SIZE = JSON.stringify(letter('a')).length + 1

void t.test('append, roll, bound', async (t) => {
  const folder = join(await tempDir(t), 'dead')
  const letters = new DeadLetters({ folder, maxBytes: 3 * SIZE, maxFileBytes: 2 * SIZE })
  t.ok(await letters.append([letter('a'), letter('b')]))
  t.ok(await letters.append([letter('c')]))
  t.notOk(await letters.append([letter('d')]), 'full')
  t.equal(letters.bytes, 3 * SIZE)
  await letters.close()
  t.same((await readdir(folder)).sort(), ['dead-letters-0.jsonl', 'dead-letters-1.jsonl'])
  const text = await readFile(join(folder, 'dead-letters-0.jsonl'), 'utf8')
  t.same(
    text
      .trimEnd()
      .split('\n')
      .map((line) => JSON.parse(line) as unknown),
    [letter('a'), letter('b')],
  )
  const again = new DeadLetters({ folder, maxBytes: 4 * SIZE, maxFileBytes: 2 * SIZE })
  t.ok(await again.append([letter('d')]))
  t.notOk(await again.append([letter('e')]), 'what was there counts')
  await again.close()
})

void t.test('half a line does not spoil the next one', async (t) => {
  const folder = await tempDir(t)
  const file = join(folder, 'dead-letters-0.jsonl')
  await writeFile(file, '{"at":"2026')
  const letters = new DeadLetters({ folder, maxBytes: 1e6, maxFileBytes: 1e6 })
  await letters.append([letter('a')])
  await letters.close()
  t.same((await readFile(file, 'utf8')).split('\n'), ['{"at":"2026', JSON.stringify(letter('a')), ''])
})

void t.test('nor does one that the disk takes only in part', async (t) => {
  const folder = await tempDir(t)
  const file = join(folder, 'dead-letters-0.jsonl')
  await writeFile(file, '{"at":"2026')
  const script = fileURLToPath(new URL('../../support/dead-letter-writer.js', import.meta.url))
  // Half a mebibyte a file, in blocks of half or one kibibyte.
  await promisify(execFile)('sh', ['-c', 'ulimit -f 512; exec "$0" "$@"', process.execPath, script, folder])
  t.same((await readFile(file, 'utf8')).split('\n'), ['{"at":"2026', '{"line":"a"}', '{"line":"b"}', ''])
})
