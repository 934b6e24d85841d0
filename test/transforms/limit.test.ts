import t from 'tap'
import { limit } from '../../transforms/limit.ts'
import { recordedCases } from '../support/stage-cases.ts'
import { Bench, linesOf, refusal } from '../support/stage-run.ts'

void t.test('recorded cases', async (t) => {
  await recordedCases(t, 'limit')
})

void t.test('the bucket refills with time', async (t) => {
  const bench = new Bench()
  const stage = bench.stage(limit, { rate: 2, burst: 2, drop: true })
  t.same(linesOf(await stage.run(bench.entries('1', '2', '3'))), ['1', '2'])
  bench.clock.advance(500)
  t.same(linesOf(await stage.run(bench.entries('4', '5'))), ['4'])
  bench.clock.advance(60_000)
  const out = await stage.run(bench.entries('6', '7', '8'))
  t.same(linesOf(out), ['6', '7'])
})

void t.test('without drop, what is too much waits and goes one by one', async (t) => {
  const bench = new Bench()
  const stage = bench.stage(limit, { rate: 10, burst: 1 })
  let open = true
  const running = Promise.resolve(stage.run(bench.entries('1', '2', '3'))).then((rest) => {
    open = false
    return rest
  })
  const out = [...((await stage.tick?.()) ?? [])]
  t.same(linesOf(out), ['1'], 'at once')
  t.equal(stage.dueAt?.(), bench.clock.now() + 100)
  bench.clock.advance(100)
  out.push(...((await stage.tick?.()) ?? []))
  t.same(linesOf(out), ['1', '2'])
  t.ok(open, 'nothing more is taken')
  bench.clock.advance(100)
  out.push(...((await stage.tick?.()) ?? []))
  out.push(...(await running))
  t.same(linesOf(out), ['1', '2', '3'])
  t.equal(stage.dueAt?.(), undefined)
  t.same(bench.account(out), { delivered: 3 })
})

void t.test('a batch that arrives while another waits is sent after it', async (t) => {
  const bench = new Bench()
  const stage = bench.stage(limit, { rate: 10, burst: 1 })
  const first = stage.run(bench.entries('1', '2'))
  const second = stage.run(bench.entries('3'))
  bench.clock.advance(100)
  bench.clock.advance(100)
  const out = [...(await first), ...(await second)]
  t.same(linesOf(out), ['1', '2', '3'])
  t.same(bench.account(out), { delivered: 3 })
})

void t.test('without ticks, the batch comes as a whole', async (t) => {
  const bench = new Bench()
  const stage = bench.stage(limit, { rate: 10, burst: 1 })
  const running = stage.run(bench.entries('1', '2', '3'))
  bench.clock.advance(100)
  bench.clock.advance(100)
  t.same(linesOf(await running), ['1', '2', '3'])
})

void t.test('what is held when everything stops is accounted for', (t) => {
  const bench = new Bench()
  const stage = bench.stage(limit, { rate: 1, burst: 1 })
  void stage.run(bench.entries('1', '2'))
  stage.close?.()
  t.same(bench.account([]), { 'dropped limit_stopped': 2 })
  t.end()
})

void t.test('values of a label are told apart up to a number, then older ones start anew', async (t) => {
  const bench = new Bench()
  const stage = bench.stage(limit, { rate: 0.001, burst: 1, drop: true, by_label_name: 'u' })
  const passes = async (u: string): Promise<boolean> =>
    (await stage.run([bench.entry('', { u })])).length === 1
  t.ok(await passes('first'))
  t.notOk(await passes('first'))
  t.match(bench.metrics(), /by_label_total\{label_name="u",label_value="first"\} 1/)
  for (let i = 0; i < 10_000; i++) await passes(`a${i}`)
  t.notMatch(bench.metrics(), /by_label_total/, 'reset with each generation')
  for (let i = 0; i < 10_000; i++) await passes(`b${i}`)
  t.ok(await passes('first'), 'forgotten after two')
})

void t.test('refusals name the option', (t) => {
  const bench = new Bench()
  t.equal(
    refusal(() => bench.stage(limit, { rate: 0, burst: 1 })),
    'BAD_ARGUMENT rate',
  )
  t.equal(
    refusal(() => bench.stage(limit, { rate: 1, burst: 1, by_label_name: 'a' })),
    'BAD_ARGUMENT by_label_name',
  )
  t.end()
})
