import { once } from 'node:events'
import { setImmediate as turn } from 'node:timers/promises'
import t from 'tap'
import { Batch } from '../../../lib/flow/batch.ts'
import { BatchOutput } from '../../../lib/intake/output.ts'

void t.test('a source waits when two batches are not taken yet', async (tap) => {
  const output = new BatchOutput()
  output.push(new Batch([]))
  tap.equal(output.room(), undefined)
  output.push(new Batch([]))
  let room = false
  const waiting = output.room()!.then(() => (room = true))
  await turn()
  tap.equal(room, false)
  output.stream.read()
  output.stream.read()
  await waiting
  tap.equal(room, true)
  tap.equal(output.room(), undefined)
})

void t.test('the end comes after what was pushed', async (tap) => {
  const output = new BatchOutput()
  const batches = [new Batch([]), new Batch([])]
  for (const batch of batches) output.push(batch)
  output.end()
  const seen: unknown[] = []
  for await (const batch of output.stream) seen.push(batch)
  tap.same(
    seen.map((each, i) => each === batches[i]),
    [true, true],
  )
  output.push(new Batch([]))
  tap.equal(output.room(), undefined, 'without a reader there is nothing to wait for')
  output.end()
})

void t.test('waiting ends when the output is destroyed', async (tap) => {
  const output = new BatchOutput()
  output.push(new Batch([]))
  output.push(new Batch([]))
  const waiting = output.room()
  output.stream.destroy()
  await waiting
  await once(output.stream, 'close')
  output.push(new Batch([]))
  tap.equal(output.room(), undefined)
  output.end()
})

void t.test('too much unsettled holds back, until it is settled or the source stops', async (tap) => {
  const output = new BatchOutput()
  const over = 65 * 1024 * 1024
  output.owe(over)
  const settled = output.room()
  tap.ok(settled, 'the output is full')
  output.owe(-over)
  await settled
  output.owe(over)
  const released = output.room()
  output.release()
  await released
  tap.equal(output.room(), undefined)
  tap.equal(output.released, true)
})
