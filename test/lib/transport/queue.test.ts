/** The queue as a source: in order, from where delivery came to, with what ended processes have left. */
import { appendFileSync, mkdirSync, readdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { Writable } from 'node:stream'
import t, { type Test } from 'tap'
import type { Batch } from '../../../lib/flow/batch.ts'
import type { Entry } from '../../../lib/flow/entry.ts'
import { DELIVERED } from '../../../lib/flow/outcome.ts'
import { componentContext } from '../../../lib/library.ts'
import { pipeline } from '../../../lib/pipeline.ts'
import { Queue } from '../../../lib/transport/queue.ts'
import { queueFile } from '../../../lib/transport/queue-folder.ts'
import { formatRecord } from '../../../lib/transport/record.ts'

const recordOf = (line: string): Buffer =>
  Buffer.from(formatRecord({ time: 1, nanos: 2, labels: { app: 'x' }, line, metadata: [['a', 'b']] }))

/** A queue whose entries are settled while `settles` holds. */
function open(parent: string, settles: (entry: Entry) => boolean = () => true) {
  const queue = new Queue(parent, 1e9, componentContext('test', {}))
  const entries: Entry[] = []
  const sink = new Writable({
    objectMode: true,
    write: (batch: Batch, _encoding, done) => {
      for (const entry of batch.take()) {
        entries.push(entry)
        if (settles(entry)) entry.ack.settle(DELIVERED)
      }
      done()
    },
  })
  const done = pipeline(queue.output, sink)
  const close = async (): Promise<string[]> => {
    await queue.end(10_000)
    await done
    await queue.close()
    return entries.map(({ line }) => line)
  }
  return { queue, entries, close }
}

const parentOf = (tap: Test): string => {
  const parent = join(tap.testdir({}), 'queue')
  mkdirSync(parent)
  return parent
}

void t.test('what is appended comes out as it was, and nothing is left', async (tap) => {
  const parent = parentOf(tap)
  const { queue, entries, close } = open(parent)
  queue.append(recordOf('before the start'))
  await queue.start()
  for (let i = 0; i < 3000; i++) queue.append(recordOf(`${i} ${'ä'.repeat(100)}`))
  queue.append(recordOf('x'.repeat(600_000)))
  const lines = await close()
  tap.equal(lines.length, 3002)
  tap.equal(lines[0], 'before the start')
  tap.equal(lines[3000], `2999 ${'ä'.repeat(100)}`)
  tap.equal(lines[3001]!.length, 600_000)
  const [{ seconds, nanos, labels, structuredMetadata }] = entries as [Entry]
  tap.same(
    [seconds, nanos, labels.toObject(), structuredMetadata],
    [0, 1_000_002, { app: 'x' }, [['a', 'b']]],
  )
  tap.same(readdirSync(parent), [])
})

void t.test('what was not delivered comes again, from the first of it', async (tap) => {
  const parent = parentOf(tap)
  const first = open(parent, ({ line }) => line !== '2' && line !== '3')
  await first.queue.start()
  for (let i = 0; i < 4; i++) {
    first.queue.append(recordOf(String(i)))
    // One batch each: entries of a batch end together.
    while (first.entries.length <= i) await new Promise(setImmediate)
  }
  await first.close()
  const second = open(parent)
  await second.queue.start()
  second.queue.append(recordOf('new'))
  const lines = await second.close()
  tap.same([...lines].sort(), ['2', '3', 'new'])
  tap.same(readdirSync(parent), [])
})

void t.test('folders of ended processes are taken over, those of running ones left alone', async (tap) => {
  const parent = parentOf(tap)
  const other = open(parent)
  await other.queue.start()
  for (const name of ['killed', 'saved']) {
    mkdirSync(join(parent, name))
    writeFileSync(queueFile(join(parent, name), 3), recordOf(name))
    appendFileSync(queueFile(join(parent, name), 3), recordOf('torn').subarray(0, 12))
  }
  writeFileSync(join(parent, 'killed', 'lock'), '1073741823 1')
  const { queue, close } = open(parent)
  await queue.start()
  tap.same(await close(), ['killed', 'saved'])
  other.queue.append(recordOf('mine'))
  tap.same(await other.close(), ['mine'])
  tap.same(readdirSync(parent), [])
})
