/** One shard's queue: its bytes, and what of it may go to the spool. */
import t from 'tap'
import { AckRuns } from '../../../lib/flow/ack-runs.ts'
import type { Batcher, SealedBatch } from '../../../lib/delivery/destination.ts'
import type { Sender } from '../../../lib/delivery/sender.ts'
import { Shard } from '../../../lib/delivery/shard.ts'

const batch = (route: string, bytes: number, replayable = false): SealedBatch => ({
  route,
  body: Buffer.alloc(0),
  entries: 1,
  bytes,
  acks: new AckRuns(),
  replayable,
  bornAt: 0,
})

function shardOf(...batches: readonly SealedBatch[]): Shard {
  const shard = new Shard({} as Batcher, {} as Sender)
  for (const each of batches) shard.push(each)
  return shard
}

const routes = (batches: readonly SealedBatch[]): string => batches.map(({ route }) => route).join('')

void t.test('bytes counts the batches that wait, however they leave', (tap) => {
  const [a, b, c] = [batch('a', 10), batch('b', 20), batch('c', 30)]
  const shard = shardOf(a, b, c)
  tap.equal(shard.bytes, 60)
  shard.replaceFirst([batch('x', 3), batch('y', 4)])
  tap.same([routes(shard.queue), shard.bytes], ['xybc', 57], 'what is left of the first stays in front')
  shard.replaceFirst([])
  tap.same([routes(shard.queue), shard.bytes], ['ybc', 54])
  shard.remove(b)
  shard.remove(b)
  shard.remove(a)
  tap.same([routes(shard.queue), shard.bytes], ['yc', 34], 'what is not there changes nothing')
  shard.replaceFirst([])
  shard.replaceFirst([])
  shard.replaceFirst([])
  tap.same([shard.queue, shard.bytes], [[], 0])
  tap.end()
})

void t.test('movable: not what is in hand; only what cannot be read again, or all', (tap) => {
  const [a, b, c] = [batch('a', 1), batch('b', 1, true), batch('c', 1)]
  const shard = shardOf(a, b, c)
  tap.equal(routes(shard.movable(false)), 'ac')
  tap.equal(routes(shard.movable(true)), 'abc')
  shard.inHand = [a]
  tap.equal(routes(shard.movable(false)), 'c')
  tap.equal(routes(shard.movable(true)), 'bc')
  tap.end()
})

void t.test('older batches of the same route go along, so that they are not overtaken', (tap) => {
  const file = batch('a', 1, true)
  const shard = shardOf(file, batch('b', 2, true), batch('a', 3), batch('a', 4, true))
  tap.same(
    shard.movable(false).map(({ bytes }) => bytes),
    [1, 3],
  )
  shard.inHand = [file]
  tap.same(
    shard.movable(false).map(({ bytes }) => bytes),
    [3],
  )
  tap.ok(shard.holds('a'))
  tap.notOk(shard.holds('b'))
  tap.end()
})
