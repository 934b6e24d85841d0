import t from 'tap'
import { Ledger } from '../../../lib/flow/ledger.ts'
import { DELIVERED, deadLettered, dropped } from '../../../lib/flow/outcome.ts'

void t.test('rows, totals and what is in flight', (tap) => {
  const ledger = new Ledger()
  tap.same([ledger.read, ledger.inFlight, ledger.rows()], [0, 0, []])
  ledger.units(10)
  ledger.end(DELIVERED, 3)
  ledger.end(dropped('a'), 2)
  ledger.end(dropped('b'), 1)
  ledger.end(dropped('a'), 1)
  ledger.end(deadLettered('refused'), 1)
  tap.same(ledger.rows(), [
    { state: 'delivered', reason: '', units: 3 },
    { state: 'dropped', reason: 'a', units: 3 },
    { state: 'dropped', reason: 'b', units: 1 },
    { state: 'dead_lettered', reason: 'refused', units: 1 },
  ])
  tap.same([ledger.total('dropped'), ledger.total('spooled'), ledger.read, ledger.inFlight], [4, 0, 10, 2])
  tap.end()
})
