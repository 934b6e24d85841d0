/** `otelcol.processor.batch`: when records wait for others, and when they go on. */
import t from 'tap'
import { otelcolProcessorBatch } from '../../../../lib/components/otelcol.processor.batch/processor-batch.ts'
import { Batch } from '../../../../lib/flow/batch.ts'
import { ComponentBench, until } from '../../../support/component-run.ts'
import { supervised } from '../../../support/supervised.ts'
import { StepClock } from '../../../support/step-clock.ts'

const lines = (bench: ComponentBench, count: number, line = 'x') =>
  Array.from({ length: count }, () => bench.entry(line))

void t.test('enough records go on at once, fewer after the time, the rest at the end', async (tap) => {
  const clock = new StepClock()
  const bench = new ComponentBench()
  const component = otelcolProcessorBatch.create(
    bench.options(otelcolProcessorBatch, { send_batch_size: 10, output: {} }),
    { ...bench.context, clock },
  )
  tap.equal((await bench.through(component, lines(bench, 6))).length, 0)
  tap.equal((await bench.through(component, lines(bench, 6))).length, 12)
  tap.equal((await bench.through(component, lines(bench, 3))).length, 0)
  const sizes: number[] = []
  component.output!.on('data', (batch: Batch) => sizes.push(batch.size))
  clock.advance(200)
  await until(() => sizes.length === 1)
  component.input!.write(new Batch(lines(bench, 2)))
  component.input!.end()
  await until(() => sizes.length === 2)
  tap.strictSame(sizes, [3, 2])
})

void t.test('a batch is never larger than others here', async (tap) => {
  const bench = new ComponentBench()
  const component = bench.create(otelcolProcessorBatch, { output: {} })
  tap.equal((await bench.through(component, lines(bench, 1500))).length, 0)
  tap.equal((await bench.through(component, lines(bench, 1500))).length, 1500)
  const large = 'x'.repeat(600_000)
  tap.equal((await bench.through(component, lines(bench, 1, large))).length, 0)
  tap.equal((await bench.through(component, lines(bench, 1, large))).length, 1501, 'more than 1 MiB')
  component.input!.destroy()
})

void t.test('no time: nothing waits', async (tap) => {
  const bench = new ComponentBench()
  const component = bench.create(otelcolProcessorBatch, { timeout: '0s', output: {} })
  tap.equal((await bench.through(component, lines(bench, 1))).length, 1)
})

void t.test('sizes that contradict each other', async (tap) => {
  const config = (size: number): string =>
    `otelcol.processor.batch "b" {\nsend_batch_max_size = ${size}\noutput { }\n}`
  tap.match(await supervised(tap).check(config(1999)), [/^c:2:1 send_batch_max_size must be at least/])
  tap.same(await supervised(tap).check(config(0)), [])
})
