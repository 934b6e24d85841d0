import { once } from 'node:events'
import { setImmediate as turn } from 'node:timers/promises'
import t from 'tap'
import { Batch } from '../../../lib/flow/batch.ts'
import { BatchOutput } from '../../../lib/intake/output.ts'

void t.test('a source waits when two batches are not taken yet', async (tap) => {
  const output = new BatchOutput()
  tap.equal(output.push(new Batch([])), true)
  tap.equal(output.push(new Batch([])), false)
  let room = false
  const waiting = output.room().then(() => (room = true))
  await turn()
  tap.equal(room, false)
  output.stream.read()
  output.stream.read()
  await waiting
  tap.equal(room, true)
  await output.room()
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
  tap.equal(output.push(new Batch([])), true, 'nobody listens, nothing to wait for')
  output.end()
})

void t.test('who waits is let go when nobody will read again', async (tap) => {
  const output = new BatchOutput()
  output.push(new Batch([]))
  output.push(new Batch([]))
  const waiting = output.room()
  output.stream.destroy()
  await waiting
  await once(output.stream, 'close')
  tap.equal(output.push(new Batch([])), true)
  await output.room()
  output.end()
})
