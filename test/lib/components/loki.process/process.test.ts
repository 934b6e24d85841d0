import t from 'tap'
import { Batch } from '../../../../lib/flow/batch.ts'
import type { ComponentContext } from '../../../../lib/component/component.ts'
import { libraryContext } from '../../../../lib/component/context.ts'
import { Entry } from '../../../../lib/flow/entry.ts'
import { labelSet } from '../../../../lib/flow/labels.ts'
import { lokiProcess, processStages } from '../../../../lib/components/loki.process/process.ts'
import { composeStages, liftEntryFn } from '../../../../lib/component/stage.ts'

const show = liftEntryFn((entry) => {
  entry.line = [...entry.extracted.toMap()].map(([name, value]) => `${name}=${String(value)}`).join(',')
  return undefined
})

void t.test('an entry comes in with its labels extracted, and nothing of an earlier one', async (tap) => {
  const entry = new Entry(0, 0, '', labelSet({ a: '1' }))
  entry.extracted.set('old', 'x')
  entry.labels = labelSet({ b: '2' })
  const [out] = await composeStages(processStages(show)).run([entry])
  tap.equal(out?.line, 'b=2')
})

void t.test('as a component: batches in, batches out', async (tap) => {
  const ctx: ComponentContext = {
    ...libraryContext('loki.process.x'),
    export: () => {},
    modulePath: '',
    stability: 'experimental',
    stages: () => show,
  }
  const { input, output } = lokiProcess.create({ forward_to: [], stage: [] }, ctx)
  input!.end(new Batch([new Entry(0, 0, 'l', labelSet({ a: '1' }))]))
  const lines: string[] = []
  for await (const batch of output!) lines.push(...(batch as Batch).take().map(({ line }) => line))
  tap.same(lines, ['a=1'])
})
