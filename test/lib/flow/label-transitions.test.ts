/** Label sets found again by the bytes of their values. */
import fc from 'fast-check'
import t from 'tap'
import { NO_ACK } from '../../../lib/flow/ack.ts'
import { Stamps, systemClock } from '../../../lib/flow/clock.ts'
import type { Columns } from '../../../lib/flow/columns.ts'
import { shapeOf } from '../../../lib/flow/extracted.ts'
import { LabelTransitions } from '../../../lib/flow/label-transitions.ts'
import { labelSet, sizeLabelGenerations } from '../../../lib/flow/labels.ts'
import { ValueReader } from '../../../lib/flow/value-reader.ts'
import { ColumnBuilder, LineCuts } from '../../../lib/intake/column-builder.ts'

const ROWS = 500
const SHAPE = shapeOf(['a', 'b'])
const JOB = labelSet({ job: 'j' })
const builder = new ColumnBuilder()
const cuts = new LineCuts()
const stamps = new Stamps(systemClock)

type Pair = readonly [a: string, b: string | undefined]

/** A line for each pair, whose parts are extracted; `b` is missing where it is undefined. */
function columnsOf(pairs: readonly Pair[]): Columns {
  const bytes = Buffer.from(pairs.map(([a, b = '']) => `${a}|${b}\n`).join(''))
  cuts.cut(bytes, 0, bytes.length)
  builder.add(bytes, false, cuts, [0, cuts.count], { labels: JOB, stamps })
  const columns = builder.take(NO_ACK)
  const cells = columns.addCells(SHAPE)
  for (const [row, [a, b]] of pairs.entries()) {
    const start = columns.starts[row]!
    const bar = start + Buffer.byteLength(a)
    cells.filled[row] = 1
    cells.setSpan(row, 0, start, bar)
    if (b === undefined) cells.set(row, 1, undefined)
    else cells.setSpan(row, 1, bar + 1, columns.ends[row]!)
  }
  return columns
}

/** Applies the transitions to batches of pairs. Returns how often a set had to be worked out. */
function run(pairs: readonly Pair[], check: (actual: string, pair: Pair) => void): number {
  let asked = 0
  const transitions = new LabelTransitions(
    ['a', 'b'].map((name) => new ValueReader(name)),
    (labels, [a, b]) => {
      asked++
      return labels.with('a', a ?? '').with('b', b ?? '')
    },
  )
  for (let i = 0; i < pairs.length; i += ROWS) {
    const some = pairs.slice(i, i + ROWS)
    const columns = columnsOf(some)
    transitions.apply(columns)
    for (const [row, pair] of some.entries()) check(columns.labels(row).key, pair)
    columns.release()
  }
  return asked
}

const expected = ([a, b = '']: Pair): string => labelSet({ job: 'j', a, b }).key

void t.test('whatever the values, sets are those that working them out gives', (tap) => {
  const text = fc.stringMatching(/^[a-cä ]{0,9}$/)
  fc.assert(
    fc.property(fc.array(fc.tuple(text, fc.option(text, { nil: undefined })), { maxLength: 60 }), (pairs) => {
      let same = true
      // Twice: the second time they are known.
      run([...pairs, ...pairs], (actual, pair) => (same &&= actual === expected(pair)))
      return same
    }),
  )
  tap.end()
})

void t.test('each pair of a few values is worked out once', (tap) => {
  const methods = ['CashIn', 'CashOut', 'STP-OUT', 'STP-IN', 'Transfer', 'Refund', 'é', '']
  const statuses = ['200', '204', '301', '400', '404', '429', '500', '504', 'a status of some length', '0']
  const pairs = methods.flatMap((method) => statuses.map((status): Pair => [method, status]))
  const wrong: string[] = []
  const asked = run([...pairs, ...pairs, ...pairs], (actual, pair) => {
    if (actual !== expected(pair)) wrong.push(actual)
  })
  tap.same(wrong, [])
  // Three that meet in the two places of a slot push each other out in every round.
  tap.ok(asked < pairs.length + 10, `${asked} of ${3 * pairs.length}`)
  tap.end()
})

void t.test('12,000 values in turns are worked out once each, when there is room for them', (tap) => {
  const pairs = Array.from({ length: 12_000 }, (_, i): Pair => [`user${i}`, 'x'])
  let wrong = 0
  const asked = run([...pairs, ...pairs, ...pairs, ...pairs, ...pairs, ...pairs], (actual, [a]) => {
    if (!actual.includes(a)) wrong++
  })
  tap.equal(wrong, 0)
  tap.ok(asked < 3.5 * pairs.length, `${asked} of ${6 * pairs.length}`)
  tap.end()
})

void t.test('long values that fill the memory for them are forgotten, and worked out again', (tap) => {
  const pairs = Array.from({ length: 24_000 }, (_, i): Pair => [String(i % 23_000).padEnd(400, '.'), 'x'])
  let wrong = 0
  run(pairs, (actual, [a]) => {
    if (!actual.includes(a)) wrong++
  })
  tap.equal(wrong, 0)
  tap.end()
})

void t.test('sets of an earlier generation are not kept', (tap) => {
  sizeLabelGenerations(100)
  tap.teardown(() => sizeLabelGenerations(65_536))
  const pairs = Array.from({ length: 2000 }, (_, i): Pair => [`u${i % 300}`, undefined])
  const wrong = new Set<string>()
  run(pairs, (actual, pair) => actual === expected(pair) || wrong.add(actual))
  tap.same([...wrong], [])
  tap.end()
})
