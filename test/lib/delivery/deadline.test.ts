/** How long an endpoint may go on when it is to end, by a clock that the test moves. */
import t, { type Test } from 'tap'
import { Ending } from '../../../lib/delivery/ending.ts'
import { StepClock } from '../../support/step-clock.ts'

function ending(tap: Test): { clock: StepClock; own: Ending; left: () => number } {
  const clock = new StepClock()
  let left = 0
  const own = new Ending({ clock, patience: 1000, patienceInTrouble: 100, leave: () => void left++ })
  tap.teardown(() => own.end())
  return { clock, own, left: () => left }
}

void t.test('without an end to come there is no hurry', (tap) => {
  const { clock, own, left } = ending(tap)
  own.trouble()
  own.progress()
  clock.advance(1e9)
  tap.notOk(own.leaving)
  tap.equal(left(), 0)
  tap.end()
})

void t.test('an endpoint that works may go on as long as it gets on', (tap) => {
  const { clock, own, left } = ending(tap)
  own.begin(false)
  clock.advance(999)
  own.progress()
  clock.advance(999)
  tap.notOk(own.leaving)
  clock.advance(1)
  tap.ok(own.leaving)
  own.progress()
  own.hurry(5, true)
  clock.advance(1e6)
  tap.equal(left(), 1, 'it leaves once')
  tap.end()
})

void t.test('one in trouble has less time, until it gets on again', (tap) => {
  const failing = ending(tap)
  failing.own.begin(true)
  failing.clock.advance(99)
  tap.notOk(failing.own.leaving)
  failing.clock.advance(1)
  tap.ok(failing.own.leaving)

  const later = ending(tap)
  later.own.begin(false)
  later.clock.advance(500)
  later.own.trouble()
  later.clock.advance(99)
  later.own.progress()
  later.clock.advance(999)
  tap.notOk(later.own.leaving)
  later.own.trouble()
  later.clock.advance(1)
  tap.ok(later.own.leaving, 'trouble never gives more time')
  tap.end()
})

void t.test('a deadline from outside holds whatever happens', (tap) => {
  const { clock, own } = ending(tap)
  own.begin(false)
  tap.notOk(own.hurried)
  own.hurry(300, false)
  tap.ok(own.hurried)
  clock.advance(200)
  own.progress()
  clock.advance(99)
  tap.notOk(own.leaving)
  clock.advance(1)
  tap.ok(own.leaving)

  const inTrouble = ending(tap)
  inTrouble.own.hurry(300, true)
  tap.ok(inTrouble.own.leaving, 'nothing is gained by waiting')

  const troubled = ending(tap)
  troubled.own.hurry(300, false)
  troubled.own.trouble()
  tap.ok(troubled.own.leaving)
  tap.end()
})

void t.test('who waits for a change hears of it, and of the end', async (tap) => {
  const { own, clock } = ending(tap)
  const change = own.change()
  own.changed()
  await change
  const end = own.change()
  own.begin(true)
  clock.advance(100)
  await end
  own.changed()
})
