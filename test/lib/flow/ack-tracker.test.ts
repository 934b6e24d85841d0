import fc from 'fast-check'
import t from 'tap'
import { AckTracker, MAX_UNSETTLED_BYTES } from '../../../lib/flow/ack-tracker.ts'
import { Ledger } from '../../../lib/flow/ledger.ts'
import { DELIVERED } from '../../../lib/flow/outcome.ts'

function tracker(maxUnsettledBytes?: number): {
  tracker: AckTracker<number>
  ledger: Ledger
  positions: number[]
} {
  const ledger = new Ledger()
  const positions: number[] = []
  const made = new AckTracker<number>({
    ledger,
    replayable: true,
    onAdvance: (position) => positions.push(position),
    maxUnsettledBytes,
  })
  return { tracker: made, ledger, positions }
}

void t.test('the position waits for the oldest batch', (tap) => {
  const { tracker: it, positions } = tracker()
  const first = it.open(1, 10, 10)
  const second = it.open(2, 20, 30)
  const third = it.open(1, 5, 35)
  second.settle(DELIVERED)
  second.settle(DELIVERED)
  tap.same(positions, [], 'the second batch alone moves nothing')
  first.settle(DELIVERED)
  tap.same(positions, [30], 'then both at once')
  tap.equal(it.unsettled, 1)
  third.settle(DELIVERED)
  tap.same(positions, [30, 35])
  tap.end()
})

void t.test('a batch without units moves the position as soon as those before it have ended', (tap) => {
  const { tracker: it, positions } = tracker()
  it.open(0, 3, 3)
  tap.same(positions, [3])
  const ack = it.open(1, 1, 4)
  it.open(0, 3, 7)
  tap.same(positions, [3])
  ack.settle(DELIVERED)
  tap.same(positions, [3, 7])
  tap.equal(it.unsettled, 0)
  tap.end()
})

void t.test('any order of settling: the position is the end of the settled front', (tap) => {
  const plan = fc.array(fc.integer({ min: 1, max: 3 }), { minLength: 1, maxLength: 12 }).chain((sizes) =>
    fc.tuple(
      fc.constant(sizes),
      fc.shuffledSubarray(
        sizes.flatMap((size, i) => Array.from({ length: size }, () => i)),
        {
          minLength: sizes.reduce((sum, size) => sum + size, 0),
        },
      ),
    ),
  )
  fc.assert(
    fc.property(plan, ([sizes, order]) => {
      const { tracker: it, positions, ledger } = tracker()
      const acks = sizes.map((size, i) => it.open(size, size, i))
      const left = [...sizes]
      for (const batch of order) {
        acks[batch]!.settle(DELIVERED)
        left[batch]!--
        const front = left.findIndex((count) => count > 0)
        const settled = front < 0 ? sizes.length : front
        if ((positions.at(-1) ?? -1) !== settled - 1) return false
      }
      return ledger.inFlight === 0 && it.unsettled === 0
    }),
  )
  tap.pass('for random orders')
  tap.end()
})

void t.test('unsettled bytes are bounded: a source waits for room', async (tap) => {
  const { tracker: it } = tracker(100)
  const first = it.open(1, 60, 0)
  tap.equal(it.full, false)
  await it.room()
  const second = it.open(1, 60, 1)
  tap.equal(it.full, true)
  let waited = false
  const room = it.room().then(() => (waited = true))
  second.settle(DELIVERED)
  await Promise.resolve()
  tap.equal(waited, false, 'bytes after an unsettled batch still count')
  first.settle(DELIVERED)
  await room
  tap.equal(it.full, false)
  tap.ok(MAX_UNSETTLED_BYTES >= 1024 * 1024)
})

void t.test('drained waits for everything', async (tap) => {
  const { tracker: it } = tracker()
  await it.drained()
  const acks = [it.open(1, 1, 0), it.open(1, 1, 1)]
  let drained = false
  const done = it.drained().then(() => (drained = true))
  acks[0]!.settle(DELIVERED)
  for (let i = 0; i < 5; i++) await Promise.resolve()
  tap.equal(drained, false)
  acks[1]!.settle(DELIVERED)
  await done
  tap.equal(it.unsettled, 0)
})
