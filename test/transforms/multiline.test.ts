import t from 'tap'
import { multiline } from '../../transforms/multiline.ts'
import { recordedCases } from '../support/stage-cases.ts'
import type { Entry } from '../../lib/flow/entry.ts'
import { Bench, linesOf, refusal } from '../support/stage-run.ts'

void t.test('recorded cases', async (t) => {
  await recordedCases(t, 'multiline')
})

void t.test('a block over several batches owes all its lines, each ending once', async (t) => {
  const bench = new Bench()
  const stage = bench.stage(multiline, { firstline: '^\\S' })
  t.same(await stage.run(bench.entries('a', ' 1')), [])
  t.same(await stage.run(bench.entries(' 2')), [])
  const out = await stage.run(bench.entries(' 3', 'b'))
  t.same(linesOf(out), ['a\n 1\n 2\n 3'])
  t.same(bench.account(out), { delivered: 4, 'in flight': 1 })
  const rest = (await stage.flush?.()) ?? []
  t.same(bench.account(rest), { delivered: 5 })
})

void t.test('blocks after max_lines owe their own lines and look like the first', async (t) => {
  const bench = new Bench()
  const stage = bench.stage(multiline, { firstline: '^\\S', max_lines: 2 })
  const first = bench.entry('a', { app: 'x' })
  first.extracted.set('k', 'v')
  const out = await stage.run([
    first,
    ...[' 1', ' 2', ' 3', ' 4'].map((line) => bench.entry(line, { app: 'x' })),
  ])
  out[0]!.extracted.set('k', 'changed')
  out[0]!.labels = out[0]!.labels.with('app', 'changed')
  const rest = (await stage.flush?.()) ?? []
  t.same(linesOf([...out, ...rest]), ['a\n 1', ' 2\n 3', ' 4'])
  t.equal(rest[0]!.extracted.get('k'), 'v')
  t.same(rest[0]!.labels.toObject(), { app: 'x' })
  t.same(bench.account([...out, ...rest]), { delivered: 5 })
})

void t.test('a block that waits too long goes out, and its stream begins anew', async (t) => {
  const bench = new Bench()
  const stage = bench.stage(multiline, { firstline: '^\\S', max_wait_time: '2s' })
  await stage.run([bench.entry('a', { s: '1' })])
  bench.clock.advance(1000)
  await stage.run([bench.entry('b', { s: '2' })])
  t.equal(stage.dueAt?.(), bench.clock.now() + 1000)
  bench.clock.advance(1000)
  const first = (await stage.tick?.()) ?? []
  t.same(linesOf(first), ['a'])
  t.equal(stage.dueAt?.(), bench.clock.now() + 1000)
  const late = await stage.run([bench.entry(' late', { s: '1' }), bench.entry(' 2', { s: '2' })])
  t.same(linesOf(late), [' late'], 'of a stream that was forgotten; the other goes on')
  bench.clock.advance(2000)
  const second = await stage.run([bench.entry(' more', { s: '2' })])
  t.same(linesOf(second), ['b\n 2', ' more'], 'due without a tick')
  t.same(bench.account([...first, ...late, ...second]), { delivered: 5 })
  t.same(await stage.flush?.(), [])
})

void t.test('refusals name the option', (t) => {
  const bench = new Bench()
  t.equal(
    refusal(() => bench.stage(multiline, { firstline: '(' })),
    'BAD_REGEX firstline',
  )
  t.equal(
    refusal(() => bench.stage(multiline, { firstline: 'x', max_wait_time: '0s' })),
    'BAD_ARGUMENT max_wait_time',
  )
  t.end()
})

void t.test('a clock that was a day ahead holds no block for a day', (t) => {
  const bench = new Bench()
  const stage = bench.stage(multiline, { firstline: '^a', max_wait_time: '3s' })
  const day = 86_400_000
  bench.clock.advance(day)
  t.same(stage.run(bench.entries('a1', ' b')), [])
  bench.clock.advance(-day)
  t.ok(stage.dueAt!()! <= bench.clock.now() + 3000, 'it is looked at soon')
  t.same(stage.tick!(), [], 'the wait starts again')
  bench.clock.advance(3000)
  t.same(linesOf(stage.tick!() as Entry[]), ['a1\n b'])
  t.end()
})
