import t from 'tap'
import { floorTo, momentOf, nanosOf, nanosText, stampOf } from '../../../../lib/logql/engine/moment.ts'

void t.test('both forms of a time', (tap) => {
  for (const nanos of [0n, 1n, 1_767_607_200_123_456_789n, -1n, -1_500_000_000n]) {
    tap.equal(nanosOf(momentOf(nanos)), nanos)
    tap.equal(nanosText(momentOf(nanos)), String(nanos))
  }
  tap.same(momentOf(-1n), { seconds: -1, nanos: 999_999_999 })
  tap.equal(stampOf(1_767_610_800_500_999_999n), 1_767_610_800.5)
  tap.same([floorTo(17n, 5n), floorTo(15n, 5n), floorTo(-1n, 5n)], [15n, 15n, -5n])
  tap.end()
})
