/** Runs of acknowledgements: what was pushed comes out again, and every unit is settled once. */
import t from 'tap'
import fc from 'fast-check'
import { NO_ACK, SourceAck, mergeAcks, shareAck, type Ack } from '../../../lib/flow/ack.ts'
import { AckRuns } from '../../../lib/flow/ack-runs.ts'
import { Ledger } from '../../../lib/flow/ledger.ts'
import { DELIVERED, dropped } from '../../../lib/flow/outcome.ts'

void t.test(
  'runs are the acknowledgements one by one, however they were put together, in new arrays or kept ones',
  (tap) => {
    const acks = [0, 1, 2].map((): Ack => ({ replayable: true, settle: () => {} }))
    const some = fc.array(fc.tuple(fc.nat(2), fc.integer({ min: 1, max: 4 })))
    fc.assert(
      fc.property(some, some, some, (before, first, second) => {
        const flat = (runs: readonly (readonly [number, number])[]): Ack[] =>
          runs.flatMap(([ack, count]) => Array.from({ length: count }, () => acks[ack]!))
        const runs = AckRuns.of(flat(before))
        runs.clear()
        for (const [ack, count] of first) runs.push(acks[ack]!, count)
        runs.append(AckRuns.of(flat(second)))
        const all = [...flat(first), ...flat(second)]
        return runs.size === all.length && runs.toArray().every((ack, i) => ack === all[i])
      }),
    )
    tap.end()
  },
)

void t.test('all kinds are settled, each unit once', (tap) => {
  const ledger = new Ledger()
  let ended = 0
  const owner = { ledger, replayable: true, settled: () => void ended++ }
  const ackOf = (units: number): SourceAck => {
    ledger.units(units, true)
    return new SourceAck(owner, units)
  }
  const [plain, shared, merged] = [ackOf(3), ackOf(1), ackOf(2)]
  const half = shareAck(shared, 2)
  const runs = AckRuns.of([plain, plain, half, half, mergeAcks([merged, merged]), NO_ACK, plain])
  runs.settle(DELIVERED)
  tap.same([ledger.inFlight, ledger.inFlightOnce, ledger.total('delivered'), ended], [0, 0, 6, 3])
  tap.throws(() => AckRuns.of([plain]).settle(dropped('again')), /settled twice/)
  tap.end()
})
