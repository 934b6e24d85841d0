import { appendFileSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import t from 'tap'
import { UTF8 } from '../../../../lib/intake/encoding.ts'
import { MAX_LINE_BYTES } from '../../../../lib/intake/line-limit.ts'
import { Generation, sharedBuffer } from '../../../../lib/components/loki.source.file/generation.ts'
import { skipHole } from '../../../../lib/components/loki.source.file/hole.ts'
import { OpenFile } from '../../../../lib/components/loki.source.file/open-file.ts'
import { temporaryFolder } from './harness.ts'

void t.test('the hole at the start is skipped once something follows it', async (t) => {
  const path = join(await temporaryFolder(t), 'file')
  writeFileSync(path, Buffer.alloc(300_000))
  const generation = new Generation(await OpenFile.open(path), statSync(path, { bigint: true }), {
    encoding: UTF8,
    maxLineBytes: MAX_LINE_BYTES,
  })
  t.teardown(() => generation.close())
  generation.truncated = true
  const buffer = sharedBuffer()
  await skipHole(generation, buffer)
  t.equal(generation.mark.offset, 0)
  t.equal(generation.truncated, true)
  appendFileSync(path, 'text\n')
  await skipHole(generation, buffer)
  t.equal(generation.mark.offset, 300_000)
  t.equal(generation.truncated, false)
  const chunk = await generation.read(buffer)
  t.equal(typeof chunk === 'string' ? chunk : chunk.bytes.toString('utf8', chunk.start, chunk.end), 'text\n')
})
