import { setImmediate } from 'node:timers/promises'
import t from 'tap'
import { Signal } from '../../../lib/flow/signal.ts'
import { StepClock } from '../../support/step-clock.ts'

void t.test('notify wakes everyone who waits, once', async (tap) => {
  const signal = new Signal()
  const woken: string[] = []
  const first = signal.next().then(() => woken.push('a'))
  const second = signal.next().then(() => woken.push('b'))
  signal.notify()
  await Promise.all([first, second])
  tap.same(woken, ['a', 'b'], 'in the order they came')
  signal.notify()
  const late = signal.next().then(() => woken.push('late'))
  await Promise.resolve()
  tap.same(woken, ['a', 'b'], 'an earlier notify is not remembered')
  signal.notify()
  await late
  tap.same(woken, ['a', 'b', 'late'])
})

void t.test('until checks its condition at once and after every notify', async (tap) => {
  const signal = new Signal()
  let open = true
  await signal.until(() => open)
  open = false
  let passed = 0
  const waiting = [1, 2].map(() => signal.until(() => open).then(() => passed++))
  signal.notify()
  await setImmediate()
  tap.equal(passed, 0)
  open = true
  signal.notify()
  await Promise.all(waiting)
  tap.equal(passed, 2)
})

void t.test('a loop over next hands one free place to one waiter', async (tap) => {
  const signal = new Signal()
  let free = 0
  const taken: string[] = []
  const take = async (name: string): Promise<void> => {
    while (free === 0) await signal.next()
    free--
    taken.push(name)
  }
  const both = [take('first'), take('second')]
  for (const expected of [['first'], ['first', 'second']]) {
    free = 1
    signal.notify()
    await setImmediate()
    tap.same(taken, expected)
    tap.equal(free, 0)
  }
  await Promise.all(both)
})

void t.test('until rejects with what its condition throws', async (tap) => {
  const signal = new Signal()
  let broken = false
  const waiting = signal.until(() => {
    if (broken) throw new Error('broken')
    return false
  })
  broken = true
  signal.notify()
  await tap.rejects(waiting, /broken/)
})

void t.test('nextWithin ends at a notify or when its time is up', async (tap) => {
  const signal = new Signal()
  const clock = new StepClock()
  const ended: string[] = []
  const notified = signal.nextWithin(1000, clock).then(() => ended.push('notified'))
  signal.notify()
  await notified
  const expired = signal.nextWithin(1000, clock).then(() => ended.push('expired'))
  clock.advance(999)
  await Promise.resolve()
  tap.same(ended, ['notified'])
  clock.advance(1)
  await expired
  tap.same(ended, ['notified', 'expired'])
  signal.notify()
})
