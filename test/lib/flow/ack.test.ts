import fc from 'fast-check'
import t from 'tap'
import { NO_ACK, SourceAck, mergeAcks, shareAck, type Ack } from '../../../lib/flow/ack.ts'
import { AckTracker } from '../../../lib/flow/ack-tracker.ts'
import { Ledger } from '../../../lib/flow/ledger.ts'
import { DELIVERED, SPOOLED, deadLettered, dropped, type Outcome } from '../../../lib/flow/outcome.ts'

const DROPPED = dropped('test')
const DEAD = deadLettered('test')
const OUTCOMES = [DELIVERED, SPOOLED, DROPPED, DEAD]

function source(units: number, replayable = true): { ledger: Ledger; ack: SourceAck; ended: () => number } {
  const ledger = new Ledger()
  let ended = 0
  ledger.units(units)
  const ack = new SourceAck({ ledger, replayable, settled: () => ended++ }, units)
  return { ledger, ack, ended: () => ended }
}

void t.test('a batch ends when its last unit does', (tap) => {
  const { ledger, ack, ended } = source(2)
  ack.settle(DELIVERED)
  tap.same([ack.done, ended(), ledger.inFlight], [false, 0, 1])
  ack.settle(DROPPED)
  tap.same([ack.done, ended(), ledger.inFlight], [true, 1, 0])
  tap.throws(() => ack.settle(DELIVERED), /twice/)
  tap.equal(ledger.inFlight, 0, 'the second time is not counted')
  tap.end()
})

void t.test('a unit in parts ends once, as the worst of them', (tap) => {
  for (const first of OUTCOMES)
    for (const second of OUTCOMES) {
      const { ledger, ack, ended } = source(1)
      const part = shareAck(ack, 2)
      part.settle(first)
      tap.equal(ended(), 0, 'one part is not the whole')
      part.settle(second)
      const worst = OUTCOMES[Math.max(OUTCOMES.indexOf(first), OUTCOMES.indexOf(second))]!
      tap.same(ledger.rows(), [{ state: worst.state, reason: worst.reason, units: 1 }])
      tap.throws(() => part.settle(DELIVERED), /twice/)
    }
  tap.end()
})

void t.test('a shared unit cannot hold back the other branches', (tap) => {
  const { ack } = source(1)
  tap.equal(ack.replayable, true)
  tap.equal(shareAck(ack, 2).replayable, false)
  tap.equal(shareAck(ack, 1), ack, 'one part needs no split')
  tap.equal(shareAck(NO_ACK, 5), NO_ACK, 'without a source that waits, nothing is counted')
  tap.end()
})

void t.test('a merged entry ends all its units', (tap) => {
  const one = source(2)
  const two = source(1, false)
  const merged = mergeAcks([one.ack, one.ack, two.ack])
  tap.equal(merged.replayable, false, 'as weak as its weakest source')
  merged.settle(DEAD)
  tap.same([one.ended(), two.ended()], [1, 1])
  tap.equal(one.ledger.total('dead_lettered') + two.ledger.total('dead_lettered'), 3)
  tap.equal(mergeAcks([one.ack]), one.ack)
  tap.end()
})

void t.test('a merged entry settled twice does not end its neighbours', (tap) => {
  const { ledger, ack } = source(3)
  const merged = mergeAcks([ack, mergeAcks([ack])])
  merged.settle(DELIVERED)
  tap.throws(() => merged.settle(DELIVERED), /twice/)
  tap.equal(ledger.inFlight, 1)
  tap.end()
})

// What may happen to entries on their way: each step takes some off the table and puts others on it.
type Step =
  | { readonly do: 'split'; readonly at: number; readonly parts: number }
  | { readonly do: 'merge'; readonly at: number; readonly count: number }
  | { readonly do: 'end'; readonly at: number; readonly outcome: number }
  | { readonly do: 'read'; readonly units: number }

const step: fc.Arbitrary<Step> = fc.oneof(
  fc.record({ do: fc.constant('split' as const), at: fc.nat(), parts: fc.integer({ min: 1, max: 4 }) }),
  fc.record({ do: fc.constant('merge' as const), at: fc.nat(), count: fc.integer({ min: 1, max: 4 }) }),
  fc.record({ do: fc.constant('end' as const), at: fc.nat(), outcome: fc.nat({ max: 3 }) }),
  fc.record({ do: fc.constant('read' as const), units: fc.integer({ min: 1, max: 5 }) }),
)

void t.test(
  'entries merged of as many units of one batch share one acknowledgement, each settled once',
  (tap) => {
    const { ledger, ack, ended } = source(6)
    const merged = [mergeAcks([ack, ack]), mergeAcks([ack, ack])]
    tap.equal(merged[0], merged[1])
    for (const each of merged) each.settle(DELIVERED)
    tap.throws(() => merged[0]!.settle(DELIVERED), /twice/)
    mergeAcks([ack, ack]).settle(DEAD)
    tap.same([ledger.total('delivered'), ledger.total('dead_lettered'), ended()], [4, 2, 1])
    tap.end()
  },
)

/** An entry of the model: what it owes, and the units (by number) that it carries. */
interface Carried {
  readonly ack: Ack
  readonly units: readonly number[]
}

class Model {
  readonly ledger = new Ledger()
  readonly entries: Carried[] = []
  readonly parts: number[] = []
  readonly worst: number[] = []
  readonly #tracker = new AckTracker<number>({ ledger: this.ledger, replayable: true, onAdvance: () => {} })

  apply(todo: Step): void {
    if (todo.do === 'read') return this.#read(todo.units)
    if (this.entries.length === 0) return
    const at = todo.at % this.entries.length
    if (todo.do === 'end') return this.#end(this.entries.splice(at, 1)[0]!, todo.outcome)
    if (todo.do === 'merge') return this.#merge(this.entries.splice(at, todo.count))
    const { ack, units } = this.entries.splice(at, 1)[0]!
    for (const unit of units) this.parts[unit]! += todo.parts - 1
    const shared = shareAck(ack, todo.parts)
    for (let i = 0; i < todo.parts; i++) this.entries.push({ ack: shared, units })
  }

  #read(count: number): void {
    const ack = this.#tracker.open(count, count, 0)
    for (let i = 0; i < count; i++) {
      this.entries.push({ ack, units: [this.parts.length] })
      this.parts.push(1)
      this.worst.push(-1)
    }
  }

  #merge(merged: readonly Carried[]): void {
    this.entries.push({
      ack: mergeAcks(merged.map(({ ack }) => ack)),
      units: merged.flatMap(({ units }) => units),
    })
  }

  #end({ ack, units }: Carried, outcome: number): void {
    ack.settle(OUTCOMES[outcome]!)
    for (const unit of units) {
      this.parts[unit]!--
      this.worst[unit] = Math.max(this.worst[unit]!, outcome)
    }
  }

  /** Units that ended, by state: as many as all their parts have. */
  ended(outcome: Outcome): number {
    const rank = OUTCOMES.indexOf(outcome)
    return this.worst.filter((worst, unit) => worst === rank && this.parts[unit] === 0).length
  }

  finish(): void {
    for (const entry of this.entries.splice(0)) this.#end(entry, 0)
  }

  get open(): number {
    return this.#tracker.unsettled
  }
}

function balanced(model: Model): boolean {
  const { ledger } = model
  const states = OUTCOMES.map((outcome) => ledger.total(outcome.state))
  const sum = states.reduce((all, each) => all + each, 0)
  return (
    ledger.read === sum + ledger.inFlight &&
    OUTCOMES.every((outcome, i) => model.ended(outcome) === states[i])
  )
}

void t.test('whatever is split, merged and ended: the account balances', (tap) => {
  fc.assert(
    fc.property(fc.array(step, { maxLength: 60 }), (steps) => {
      const model = new Model()
      for (const todo of steps) {
        model.apply(todo)
        if (!balanced(model)) return false
      }
      model.finish()
      return balanced(model) && model.ledger.inFlight === 0 && model.open === 0
    }),
    { numRuns: 150 },
  )
  tap.pass('300 random histories')
  tap.end()
})
