import t from 'tap'
import { windowsevent } from '../../transforms/windowsevent.ts'
import { recordedCases } from '../support/stage-cases.ts'
import { Bench } from '../support/stage-run.ts'

void t.test('recorded cases', async (t) => {
  await recordedCases(t, 'windowsevent')
})

void t.test('a nil source ends the entry once, under a name', async (t) => {
  const bench = new Bench()
  const stage = bench.stage(windowsevent, {})
  const entry = bench.entry('x')
  entry.extracted.set('message', null)
  t.same(bench.account(await stage.run([entry])), { 'dropped windowsevent_no_text': 1 })
})
