import t from 'tap'
import { exitStatus } from '../../../lib/cli/exit-status.ts'
import { Ledger } from '../../../lib/flow/ledger.ts'
import { DELIVERED, deadLettered, dropped, lost, SPOOLED, type Outcome } from '../../../lib/flow/outcome.ts'

void t.test('how each end of a line counts', (tap) => {
  const cases: [outcomes: Outcome[], open: number, onDisk: number, code: number, message: RegExp][] = [
    [[], 0, 0, 0, /^$/],
    [[DELIVERED, dropped('drop_stage')], 0, 0, 0, /^$/],
    [[DELIVERED, SPOOLED], 0, 1, 3, /^1 lines? .*spool under \/data/],
    [[SPOOLED], 0, 0, 0, /^$/],
    [[deadLettered('too old')], 0, 0, 3, /dead letters under \/data/],
    [[lost('undeliverable')], 0, 0, 4, /could not be delivered or saved/],
    [[SPOOLED], 1, 1, 4, /could not be.*; .*spool/],
  ]
  for (const [outcomes, open, onDisk, code, message] of cases) {
    const ledger = new Ledger()
    ledger.units(outcomes.length + open)
    for (const outcome of outcomes) ledger.end(outcome, 1)
    const status = exitStatus(ledger, onDisk, '/data')
    tap.equal(status.code, code)
    tap.match(status.message, message)
  }
  tap.end()
})
