import { once } from 'node:events'
import t from 'tap'
import { Batch } from '../../../lib/flow/batch.ts'
import { countingSink } from '../../../lib/cli/counting-sink.ts'
import { components } from '../../../lib/components/index.ts'
import { ComponentBench } from '../../support/component-run.ts'

void t.test('takes everything', async (tap) => {
  const bench = new ComponentBench()
  const write = components.get('loki.write')!
  const definition = countingSink(write)
  tap.equal(definition.fields, write.fields)
  const { input } = definition.create({}, bench.context)
  input!.end(new Batch(bench.entries('a', 'b', 'c')))
  await once(input!, 'finish')
  tap.same(bench.account([]), { delivered: 3 })
})
