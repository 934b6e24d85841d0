/** Columns: whose memory they are. */
import { once } from 'node:events'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { Transform } from 'node:stream'
import t from 'tap'
import { NO_ACK } from '../../../lib/flow/ack.ts'
import { Batch, entriesOf } from '../../../lib/flow/batch.ts'
import { Stamps, systemClock } from '../../../lib/flow/clock.ts'
import type { Columns } from '../../../lib/flow/columns.ts'
import { shapeOf } from '../../../lib/flow/extracted.ts'
import { labelSet } from '../../../lib/flow/labels.ts'
import { fileTail, lokiWriter } from '../../../lib/index.ts'
import { ColumnBuilder, LineCuts } from '../../../lib/intake/column-builder.ts'
import { startFakeLoki } from '../../support/fake-loki.ts'

const LINES = 500
const builder = new ColumnBuilder()
const cuts = new LineCuts()
const stamps = new Stamps(systemClock)

const columnsOf = (word: string): Columns => {
  const bytes = Buffer.from(Array.from({ length: LINES }, (_, i) => `${word} ${i}\n`).join(''))
  cuts.cut(bytes, 0, bytes.length)
  builder.add(bytes, true, cuts, [0, cuts.count], { labels: labelSet({ word }), stamps })
  return builder.take(NO_ACK)
}

void t.test('memory that was given back goes to later columns, whose cells begin empty', (t) => {
  const first = columnsOf('first')
  const cells = first.addCells(shapeOf(['a', 'b']))
  for (let row = 0; row < LINES; row++) cells.fill(row, ['x', 'y'])
  first.release()
  const second = columnsOf('second')
  t.equal(second.bytes.buffer, first.bytes.buffer)
  t.same([second.line(0), second.line(LINES - 1)], ['second 0', `second ${LINES - 1}`])
  second.addCells(shapeOf(['a']))
  t.equal(second.extracted(0).get('a'), undefined)
  t.notOk(second.starts === columnsOf('third').starts, 'nothing is given out twice')
  t.end()
})

void t.test('strings of a few rows and of many are the bytes, beyond ASCII too', (t) => {
  const words = Array.from({ length: LINES }, (_, i) => (i % 3 === 0 ? `größe ${i}` : `size ${i}`))
  const bytes = Buffer.from(words.join('\n'))
  cuts.cut(bytes, 0, bytes.length)
  builder.add(bytes, false, cuts, [0, cuts.count], { labels: labelSet({}), stamps })
  const columns = builder.take(NO_ACK)
  t.same(
    words.map((_, row) => columns.line(row)),
    words,
  )
  t.end()
})

void t.test('memory that entries refer to is never given back', (t) => {
  const first = columnsOf('first')
  const entries = entriesOf(first)
  first.release()
  for (let i = 0; i < 20; i++) columnsOf('later')
  t.equal(entries[7]?.line, 'first 7')
  t.end()
})

void t.test('a batch that is looked at after its memory was given back says so', (t) => {
  const columns = columnsOf('first')
  const batch = new Batch(columns)
  batch.takeColumns()?.release()
  t.throws(() => batch.peek(), /broken invariant/)
  t.end()
})

void t.test('a batch that has gone to a sink can still be looked at, and go to another one', async (t) => {
  const [first, second] = [await startFakeLoki(), await startFakeLoki()]
  t.teardown(() => Promise.all([first.close(), second.close()]))
  const file = join(t.testdir(), 'a.log')
  const lines = Array.from({ length: 2000 }, (_, i) => `line ${i} ${'x'.repeat(60)}`)
  writeFileSync(file, lines.map((line) => `${line}\n`).join(''))
  const aside = lokiWriter({ url: second.pushUrl })
  const batches: Batch[] = []
  const tee = new Transform({
    objectMode: true,
    transform: (batch: Batch, _encoding, done) => {
      batches.push(batch)
      aside.write(batch)
      done(null, batch)
    },
  })
  const sink = fileTail({ path: file, follow: false })
    .pipe(tee)
    .pipe(lokiWriter({ url: first.pushUrl }))
  await once(sink, 'finish')
  aside.end()
  await once(aside, 'finish')
  const seen = batches.flatMap((batch) => batch.peek().map(({ line }) => line))
  t.same(seen, lines)
  for (const loki of [first, second])
    t.same(
      loki.entries().map(({ line }) => line),
      lines,
    )
})
