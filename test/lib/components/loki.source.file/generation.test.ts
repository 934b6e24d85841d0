import { appendFileSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import t from 'tap'
import { UTF8 } from '../../../../lib/intake/encoding.ts'
import { MAX_LINE_BYTES } from '../../../../lib/intake/line-limit.ts'
import {
  Generation,
  holdsPosition,
  sharedBuffer,
  sinceOf,
  type Chunk,
} from '../../../../lib/components/loki.source.file/generation.ts'
import { OpenFile } from '../../../../lib/components/loki.source.file/open-file.ts'
import { temporaryFolder, type Tidy } from './harness.ts'

const buffer = sharedBuffer()

async function opened(t: Tidy, content: string | Buffer): Promise<{ generation: Generation; path: string }> {
  const path = join(await temporaryFolder(t), 'file')
  writeFileSync(path, content)
  const generation = new Generation(await OpenFile.open(path), statSync(path, { bigint: true }), {
    encoding: UTF8,
    maxLineBytes: MAX_LINE_BYTES,
  })
  t.teardown(() => generation.close())
  await generation.prepare()
  return { generation, path }
}

async function lines(generation: Generation): Promise<string> {
  const chunk = (await generation.read(buffer)) as Chunk
  const text = chunk.bytes.toString('utf8', chunk.start, chunk.end)
  generation.advance(chunk, generation.before(chunk), chunk.end)
  return text
}

void t.test('gives whole lines, keeps the rest for later', async (t) => {
  const { generation, path } = await opened(t, 'one\ntwo\nthr')
  t.equal(await lines(generation), 'one\ntwo\n')
  t.equal(generation.mark.offset, 8)
  t.equal(await generation.read(buffer), 'end')
  t.equal(generation.pending, 3)
  appendFileSync(path, 'ee\n')
  t.equal(await lines(generation), 'three\n')
  t.equal(await generation.readRest(), 'end')
})

void t.test('notices that the bytes before are others', async (t) => {
  const { generation, path } = await opened(t, 'one\n')
  await lines(generation)
  t.equal(await generation.holds(), true)
  writeFileSync(path, 'oNe\ntwo\n')
  t.equal(await generation.holds(), false)
  t.equal(await generation.read(buffer), 'changed')
  writeFileSync(path, 'o')
  t.equal(await generation.read(buffer), 'changed')
})

void t.test('a position holds in the same bytes only', async (t) => {
  const { generation, path } = await opened(t, `head\n${'x'.repeat(2000)}\nmore\n`)
  await lines(generation)
  generation.acked = generation.mark
  const position = generation.position
  t.equal(position.head, 1024)
  const holds = async (content: string): Promise<boolean> => {
    writeFileSync(path, content)
    return await holdsPosition(generation.handle!, position)
  }
  t.equal(await holds(`head\n${'x'.repeat(2000)}\nmore\nand more`), true)
  t.equal(await holds(`head\n${'x'.repeat(2000)}\nmorE\n`), false, 'other bytes before the offset')
  t.equal(await holds(`Head\n${'x'.repeat(2000)}\nmore\n`), false, 'another head')
  t.equal(await holds('head\n'), false, 'too short')
})

void t.test('the head grows with the file', async (t) => {
  const { generation, path } = await opened(t, '')
  t.equal(generation.position.head, 0)
  for (const [size, head] of [
    [10, 10],
    [15, 10],
    [40, 40],
    [3000, 1024],
  ] as const) {
    appendFileSync(path, `${'x'.repeat(size - statSync(path).size - 1)}\n`)
    await lines(generation)
    t.equal(generation.position.head, head, `at ${size} bytes`)
  }
})

void t.test('what comes next is born after the file and its last change', async (t) => {
  const { path } = await opened(t, 'x')
  const stats = statSync(path, { bigint: true })
  t.ok(sinceOf(stats) >= Number(stats.mtimeNs) / 1e6)
  t.ok(sinceOf(stats) > Number(stats.birthtimeNs) / 1e6)
})
