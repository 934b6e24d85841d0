import t from 'tap'
import { cri } from '../../transforms/cri.ts'
import { recordedCases } from '../support/stage-cases.ts'
import { Bench, linesOf } from '../support/stage-run.ts'

void t.test('recorded cases', async (t) => {
  await recordedCases(t, 'cri')
})

const at = '2026-01-02T03:04:05.5Z'

void t.test('a line joined over batches owes all its parts, each ending once', async (t) => {
  const bench = new Bench()
  const stage = bench.stage(cri, {})
  t.same(await stage.run(bench.entries(`${at} stdout P one `, `${at} stdout P two `)), [])
  const out = await stage.run(bench.entries(`${at} stderr F other`, `${at} stdout F three`))
  t.same(linesOf(out), ['other', 'one two three'])
  t.same(bench.account(out), { delivered: 4 })
})

void t.test('parts that get no end are accounted for when the input ends', async (t) => {
  const bench = new Bench()
  const stage = bench.stage(cri, {})
  await stage.run(bench.entries(`${at} stdout P one `, `${at} stdout P two `))
  t.same(await stage.flush?.(), [])
  t.same(bench.account([]), { 'dropped cri_partial_line': 2 })
})

void t.test('too many streams with parts: they go out as they are and owe what they hold', async (t) => {
  const bench = new Bench()
  const stage = bench.stage(cri, { max_partial_lines: 2 })
  const part = (text: string, pod: string): ReturnType<Bench['entry']> =>
    bench.entry(`${at} stdout P ${text}`, { pod })
  const out = await stage.run([part('a1', 'a'), part('a2', 'a'), part('b1', 'b'), part('c1', 'c')])
  t.same(linesOf(out), ['a1a2', 'b1'])
  const rest = await stage.run([bench.entry(`${at} stdout F c2`, { pod: 'c' })])
  t.same(linesOf(rest), ['c1c2'])
  t.same(bench.account([...out, ...rest]), { delivered: 5 })
  t.match(bench.metrics(), /loki_process_cri_partial_lines_flushed_total 2/)
})
