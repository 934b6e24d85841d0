/** Label sets found again by the bytes of their values. */
import t from 'tap'
import { NO_ACK } from '../../../lib/flow/ack.ts'
import { Stamps, systemClock } from '../../../lib/flow/clock.ts'
import type { Columns } from '../../../lib/flow/columns.ts'
import { shapeOf } from '../../../lib/flow/extracted.ts'
import { LabelTransitions } from '../../../lib/flow/label-transitions.ts'
import { labelSet } from '../../../lib/flow/labels.ts'
import { ValueReader } from '../../../lib/flow/value-reader.ts'
import { ColumnBuilder, LineCuts } from '../../../lib/intake/column-builder.ts'

const names = ['method', 'status']
const methods = ['CashIn', 'CashOut', 'STP-OUT', 'STP-IN', 'Transfer', 'Refund', 'é', '']
const statuses = ['200', '204', '301', '400', '404', '429', '500', '504', 'a status of some length', '0']
const cuts = new LineCuts()
const stamps = new Stamps(systemClock)

/** A line for each pair of a method and a status, the values at its start and its end. */
function columnsOf(): Columns {
  const builder = new ColumnBuilder()
  const bytes = Buffer.from(
    methods.flatMap((method) => statuses.map((status) => `${method}|${status}\n`)).join(''),
  )
  cuts.cut(bytes, 0, bytes.length)
  builder.add(bytes, false, cuts, [0, cuts.count], { labels: labelSet({ job: 'x' }), stamps })
  const columns = builder.take(NO_ACK)
  const cells = columns.addCells(shapeOf(names))
  for (let row = 0; row < columns.size; row++) {
    const bar = columns.bytes.indexOf('|', columns.starts[row])
    cells.setSpan(row, 0, columns.starts[row]!, bar)
    cells.setSpan(row, 1, bar + 1, columns.ends[row]!)
    cells.filled[row] = 1
  }
  return columns
}

void t.test('each pair of values is worked out once', (tap) => {
  let changes = 0
  const transitions = new LabelTransitions(
    names.map((name) => new ValueReader(name)),
    (labels, [method, status]) => {
      changes++
      return labels.with('method', method!).with('status', status!)
    },
  )
  for (let round = 0; round < 3; round++) {
    const columns = columnsOf()
    transitions.apply(columns)
    for (let row = 0; row < columns.size; row++) {
      const labels = columns.labels(row)
      const line = `${labels.get('method')}|${labels.get('status')}`
      if (line !== columns.line(row)) tap.equal(line, columns.line(row))
    }
  }
  // Two that meet in a slot of the table push each other out in every round.
  tap.ok(changes < methods.length * statuses.length + 10, `${changes} changes`)
  tap.end()
})
