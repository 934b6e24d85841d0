import t from 'tap'
import type { Clock } from '../../../../lib/flow/clock.ts'
import { Pause } from '../../../../lib/components/loki.source.file/pause.ts'

interface Waiting {
  readonly ms: number
  readonly run: () => void
}

function clockOf(): { clock: Clock; waiting: Set<Waiting> } {
  const waiting = new Set<Waiting>()
  const after = (ms: number, run: () => void): { cancel(): void } => {
    const timer: Waiting = {
      ms,
      run: () => {
        waiting.delete(timer)
        run()
      },
    }
    waiting.add(timer)
    return { cancel: () => void waiting.delete(timer) }
  }
  return { clock: { now: () => 0, after }, waiting }
}

const only = (waiting: Set<Waiting>): Waiting => {
  if (waiting.size !== 1) throw new Error(`${waiting.size} timers`)
  return [...waiting][0]!
}

void t.test('polls slower and slower while nothing moves, and faster again', async (t) => {
  const { clock, waiting } = clockOf()
  const pause = new Pause(clock, 100, 350, 20)
  const delays: number[] = []
  for (const moved of [true, false, false, false, true]) {
    const wait = pause.wait(moved)
    delays.push(only(waiting).ms)
    only(waiting).run()
    await wait
  }
  t.strictSame(delays, [100, 200, 350, 350, 100])
})

void t.test('a nudge shortens the wait, one before it the next', async (t) => {
  const { clock, waiting } = clockOf()
  const pause = new Pause(clock, 100, 100, 20)
  const wait = pause.wait(true)
  pause.nudge()
  pause.nudge()
  t.equal(only(waiting).ms, 20)
  only(waiting).run()
  await wait
  const next = pause.wait(true)
  t.equal(only(waiting).ms, 20, 'the second nudge')
  only(waiting).run()
  await next
  const last = pause.wait(true)
  t.equal(only(waiting).ms, 100)
  pause.end()
  await last
  t.equal(waiting.size, 0)
  await pause.wait(true)
})
