/** How long an endpoint may still try while it drains, by a clock that the test moves. */
import t, { type Test } from 'tap'
import { Deadline } from '../../../lib/delivery/deadline.ts'
import { StepClock } from '../../support/step-clock.ts'

function deadline(tap: Test): { clock: StepClock; own: Deadline; left: () => number } {
  const clock = new StepClock()
  let left = 0
  const own = new Deadline({
    clock,
    patienceMs: 1000,
    patienceInTroubleMs: 100,
    onPassed: () => void left++,
  })
  tap.teardown(() => own.end())
  return { clock, own, left: () => left }
}

void t.test('it means nothing before draining begins', (tap) => {
  const { clock, own, left } = deadline(tap)
  own.trouble()
  own.progress()
  clock.advance(1e9)
  tap.notOk(own.passed)
  tap.equal(left(), 0)
  tap.end()
})

void t.test('an endpoint that works has time as long as it makes progress', (tap) => {
  const { clock, own, left } = deadline(tap)
  own.start(false)
  clock.advance(999)
  own.progress()
  clock.advance(999)
  tap.notOk(own.passed)
  clock.advance(1)
  tap.ok(own.passed)
  own.progress()
  own.limit(5, true)
  clock.advance(1e6)
  tap.equal(left(), 1, 'it passes once')
  tap.end()
})

void t.test('one in trouble has less, until something gets through', (tap) => {
  const failing = deadline(tap)
  failing.own.start(true)
  failing.clock.advance(99)
  tap.notOk(failing.own.passed)
  failing.clock.advance(1)
  tap.ok(failing.own.passed)

  const later = deadline(tap)
  later.own.start(false)
  later.clock.advance(500)
  later.own.trouble()
  later.clock.advance(99)
  later.own.progress()
  later.clock.advance(999)
  tap.notOk(later.own.passed)
  later.own.trouble()
  later.clock.advance(1)
  tap.ok(later.own.passed, 'trouble never gives more time')
  tap.end()
})

void t.test('a limit from outside holds, with progress or without', (tap) => {
  const { clock, own } = deadline(tap)
  own.start(false)
  tap.notOk(own.limited)
  own.limit(300, false)
  tap.ok(own.limited)
  clock.advance(200)
  own.progress()
  clock.advance(99)
  tap.notOk(own.passed)
  clock.advance(1)
  tap.ok(own.passed)

  const inTrouble = deadline(tap)
  inTrouble.own.limit(300, true)
  tap.ok(inTrouble.own.passed, 'nothing is gained by waiting')

  const troubled = deadline(tap)
  troubled.own.limit(300, false)
  troubled.own.trouble()
  tap.ok(troubled.own.passed)
  tap.end()
})

void t.test('a destination that only asks for a pause gets it, up to a bound', (tap) => {
  const { clock, own } = deadline(tap)
  own.start(false)
  own.slowed(5000)
  clock.advance(5999)
  tap.notOk(own.passed, 'the pause and then its patience')
  for (let i = 0; i < 100; i++) {
    own.slowed()
    clock.advance(900)
  }
  tap.ok(own.passed, 'one that says no more than "too much" for a minute takes nothing')
  tap.end()
})
