/** How the range of a query is cut: nothing is left out, nothing is read twice. */
import t from 'tap'
import fc from 'fast-check'
import { pieces } from '../../../lib/store/windows.ts'

const time = fc.bigInt({ min: -1000n, max: 1000n })

void t.test('pieces are the whole span, in the order that is wanted', (t) => {
  fc.assert(
    fc.property(
      fc.tuple(time, time, time, time),
      fc.double({ min: 0, max: 1, noNaN: true }),
      fc.constantFrom('backward' as const, 'forward' as const),
      (times, share, direction) => {
        const [from, oldest, newest, to] = times.toSorted((a, b) => Number(a - b)) as [
          bigint,
          bigint,
          bigint,
          bigint,
        ]
        const found = [...pieces({ from, to }, { oldest, newest }, share, direction)]
        const inOrder = direction === 'backward' ? found.toReversed() : found
        let at = from
        for (const piece of inOrder) {
          t.equal(piece.from, at)
          t.ok(piece.to > piece.from)
          at = piece.to
        }
        t.equal(at, to)
      },
    ),
  )
  t.end()
})

void t.test('the first piece is the share of the time that has rows, the next eight times that', (t) => {
  const span = { from: 0n, to: 1_000_000n }
  const extent = { oldest: 100_000n, newest: 900_000n }
  t.same([...pieces(span, extent, 0.01, 'backward')].slice(0, 2), [
    { from: 891_999n, to: 1_000_000n },
    { from: 827_991n, to: 891_999n },
  ])
  t.same([...pieces(span, extent, 0.01, 'forward')].slice(0, 2), [
    { from: 0n, to: 108_001n },
    { from: 108_001n, to: 172_009n },
  ])
  t.end()
})
