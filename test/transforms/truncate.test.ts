import t from 'tap'
import { truncate } from '../../transforms/truncate.ts'
import { recordedCases } from '../support/stage-cases.ts'
import { Bench, refusal } from '../support/stage-run.ts'

void t.test('recorded cases', async (t) => {
  await recordedCases(t, 'truncate')
})

void t.test('metadata that entries share is not changed for both', async (t) => {
  const bench = new Bench()
  const stage = bench.stage(truncate, { rule: [{ limit: '2B', source_type: 'structured_metadata' }] })
  const entry = bench.entry('x')
  entry.structuredMetadata = [['a', 'long']]
  const other = entry.clone(bench.ack())
  await stage.run([entry])
  t.same(entry.structuredMetadata, [['a', 'lo']])
  t.same(other.structuredMetadata, [['a', 'long']])
})

void t.test('refusals name the option', (t) => {
  const bench = new Bench()
  t.equal(
    refusal(() => bench.stage(truncate, { rule: [{ limit: '2B', suffix: '...' }] })),
    'BAD_ARGUMENT suffix',
  )
  t.equal(
    refusal(() => bench.stage(truncate, { rule: [{ limit: '0B' }] })),
    'BAD_ARGUMENT limit',
  )
  t.end()
})
