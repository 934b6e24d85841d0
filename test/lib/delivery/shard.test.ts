import t from 'tap'
import type { Batcher, SealedBatch } from '../../../lib/loki/batch.ts'
import type { Sender } from '../../../lib/delivery/deliver.ts'
import { Lane } from '../../../lib/delivery/lane.ts'

const batch = (tenant: string, bytes: number, replayable = false): SealedBatch => ({
  tenant,
  body: Buffer.alloc(0),
  entries: 1,
  streams: 1,
  bytes,
  acks: [],
  replayable,
  bornAt: 0,
})

function laneOf(...batches: readonly SealedBatch[]): Lane {
  const lane = new Lane({} as Batcher, {} as Sender)
  for (const each of batches) lane.push(each)
  return lane
}

const tenants = (batches: readonly SealedBatch[]): string => batches.map(({ tenant }) => tenant).join('')

void t.test('the bytes are those of the batches that wait, whatever becomes of them', (tap) => {
  const [a, b, c] = [batch('a', 10), batch('b', 20), batch('c', 30)]
  const lane = laneOf(a, b, c)
  tap.equal(lane.bytes, 60)
  lane.replaceFirst([batch('x', 3), batch('y', 4)])
  tap.same([tenants(lane.queue), lane.bytes], ['xybc', 57], 'what is left of the first stays in front')
  lane.replaceFirst([])
  tap.same([tenants(lane.queue), lane.bytes], ['ybc', 54])
  lane.remove(b)
  lane.remove(b)
  lane.remove(a)
  tap.same([tenants(lane.queue), lane.bytes], ['yc', 34], 'what is not there changes nothing')
  lane.replaceFirst([])
  lane.replaceFirst([])
  lane.replaceFirst([])
  tap.same([lane.queue, lane.bytes], [[], 0])
  tap.end()
})

void t.test('what may be moved: not what is in hand, and first what cannot be read again', (tap) => {
  const [a, b, c] = [batch('a', 1), batch('b', 1, true), batch('c', 1)]
  const lane = laneOf(a, b, c)
  tap.equal(tenants(lane.movable(false)), 'ac')
  tap.equal(tenants(lane.movable(true)), 'abc')
  lane.inHand = [a]
  tap.equal(tenants(lane.movable(false)), 'c')
  tap.equal(tenants(lane.movable(true)), 'bc')
  tap.end()
})
