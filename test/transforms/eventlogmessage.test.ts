import t from 'tap'
import { eventlogmessage } from '../../transforms/eventlogmessage.ts'
import { recordedCases } from '../support/stage-cases.ts'
import { Bench } from '../support/stage-run.ts'

void t.test('recorded cases', async (t) => {
  await recordedCases(t, 'eventlogmessage')
})

void t.test('a nil source ends the entry once, under a name', async (t) => {
  const bench = new Bench()
  const stage = bench.stage(eventlogmessage, {})
  const entry = bench.entry('x')
  entry.extracted.set('message', null)
  t.same(bench.account(await stage.run([entry])), { 'dropped eventlogmessage_no_text': 1 })
})
