import t from 'tap'
import type { Stage } from '../../../lib/component/component.ts'
import { tapped } from '../../../lib/component/tapped.ts'
import { StageTap } from '../../../lib/flow/stage-tap.ts'
import type { Entry } from '../../../lib/flow/entry.ts'
import { Bench } from '../../support/stage-run.ts'

const passing: Stage = { run: (entries) => entries.slice(1) }
const lines = (entries: readonly Entry[]): string => entries.map(({ line }) => line).join(' ')

function noting(events: string[], name: string) {
  return {
    enter: (stage: string, entries: readonly Entry[]) => {
      events.push(`${name}: ${stage} takes ${lines(entries)}`)
      return (passed: readonly Entry[]) => void events.push(`${name}: passes ${lines(passed)}`)
    },
  }
}

void t.test('a stage is seen by all who look, and no longer', async (tap) => {
  const point = new StageTap()
  const stage = tapped('1.x', passing, point)
  const bench = new Bench()
  const events: string[] = []
  const ends = [point.watch(noting(events, 'a')), point.watch(noting(events, 'b'))]
  await stage.run(bench.entries('1', '2'))
  ends[0]!()
  await stage.run(bench.entries('3', '4'))
  ends[1]!()
  await stage.run(bench.entries('5', '6'))
  tap.same(events, [
    'a: 1.x takes 1 2',
    'b: 1.x takes 1 2',
    'b: passes 2',
    'a: passes 2',
    'b: 1.x takes 3 4',
    'b: passes 4',
  ])
})

void t.test('a stage that takes its time leaves when it is done', async (tap) => {
  const point = new StageTap()
  const events: string[] = []
  point.watch(noting(events, 'a'))
  const stage = tapped('1.x', { run: async (entries) => await Promise.resolve(entries) }, point)
  const running = stage.run(new Bench().entries('1'))
  tap.same(events, ['a: 1.x takes 1'])
  await running
  tap.same(events.slice(1), ['a: passes 1'])
})

void t.test('without a tap, and with no one looking, the stage is as it was', async (tap) => {
  tap.equal(tapped('1.x', passing, undefined), passing)
  const timed: Stage = {
    run: (entries) => entries,
    flush: () => [],
    tick: () => [],
    dueAt: () => 5,
    close: () => {},
    kernel: () => {},
    runColumns: (columns) => columns,
  }
  const stage = tapped('1.x', timed, new StageTap())
  tap.equal(stage.dueAt?.(), 5)
  for (const name of Object.keys(timed)) tap.type(stage[name as keyof Stage], 'function', name)
  tap.notOk('tick' in passing || tapped('1.x', passing, new StageTap()).tick !== undefined)
  const entries = new Bench().entries('1')
  tap.equal(await stage.run(entries), entries)
})
