import t from 'tap'
import { structured_metadata } from '../../transforms/structured_metadata.ts'
import { recordedCases } from '../support/stage-cases.ts'
import { Bench } from '../support/stage-run.ts'

void t.test('recorded cases', async (t) => {
  await recordedCases(t, 'structured_metadata')
})

void t.test('metadata that entries share is not changed for both', async (t) => {
  const bench = new Bench()
  const stage = bench.stage(structured_metadata, { values: { trace: '' } })
  const first = bench.entry('a', { trace: '1' })
  const shared = first.structuredMetadata
  const second = first.clone(bench.ack())
  const out = await stage.run([first])
  t.same(out[0]!.structuredMetadata, [['trace', '1']])
  t.equal(second.structuredMetadata, shared)
  t.same(second.labels.toObject(), { trace: '1' })
})

void t.test('one label for two names goes to both', async (t) => {
  const bench = new Bench()
  const stage = bench.stage(structured_metadata, { values: { a: 'x', b: 'x' } })
  const [entry] = await stage.run([bench.entry('', { x: '1' })])
  t.same(entry!.structuredMetadata, [
    ['a', '1'],
    ['b', '1'],
  ])
  t.equal(entry!.labels.size, 0)
})
