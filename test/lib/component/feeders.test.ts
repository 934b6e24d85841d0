/** Who else takes what a stream is fed. */
import { PassThrough, Readable, Writable } from 'node:stream'
import { once } from 'node:events'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import t from 'tap'
import { Feeders } from '../../../lib/component/feeders.ts'
import type { Batch } from '../../../lib/flow/batch.ts'
import { fileTail, lokiWriter } from '../../../lib/index.ts'
import { startFakeLoki } from '../../support/fake-loki.ts'

void t.test('takers are counted while they listen', (t) => {
  const sink = new Writable()
  const feeders = new Feeders(sink)
  t.same([feeders.any, feeders.takers], [false, 1])
  const source = new Readable({ read: () => {} })
  source.pipe(sink)
  t.same([feeders.any, feeders.takers], [true, 1])
  const other = new PassThrough()
  source.pipe(other)
  t.equal(feeders.takers, 2)
  source.unpipe(other)
  t.equal(feeders.takers, 1)
  source.unpipe(sink)
  t.equal(feeders.any, false)
  t.end()
})

void t.test('what a sink has sent can still be looked at by another listener', async (t) => {
  const loki = await startFakeLoki()
  t.teardown(() => loki.close())
  const file = join(t.testdir(), 'a.log')
  const lines = Array.from({ length: 2000 }, (_, i) => `line ${i} ${'x'.repeat(60)}`)
  writeFileSync(file, lines.map((line) => `${line}\n`).join(''))
  const sink = lokiWriter({ url: loki.pushUrl })
  const batches: Batch[] = []
  const source = fileTail({ path: file, follow: false })
  source.pipe(sink)
  source.on('data', (batch: Batch) => batches.push(batch))
  await once(sink, 'finish')
  t.same(
    batches.flatMap((batch) => batch.peek().map(({ line }) => line)),
    lines,
  )
  t.same(
    loki.entries().map(({ line }) => line),
    lines,
  )
})
