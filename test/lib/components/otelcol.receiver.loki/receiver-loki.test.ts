/** `otelcol.receiver.loki`: what an entry becomes as an OpenTelemetry record. */
import t from 'tap'
import { otelcolReceiverLoki } from '../../../../lib/components/otelcol.receiver.loki/receiver-loki.ts'
import { carriedBy } from '../../../../lib/otlp/carried.ts'
import { ComponentBench } from '../../../support/component-run.ts'

void t.test('labels and metadata become attributes, with a hint that names the labels', async (tap) => {
  const bench = new ComponentBench()
  const component = bench.create(otelcolReceiverLoki, { output: {} })
  const entry = bench.entry('line', { job: 'a', filename: '/' })
  entry.structuredMetadata = [
    ['trace', 'x'],
    ['job', 'metadata wins'],
  ]
  entry.seconds = -1
  entry.nanos = 5
  const [out] = await bench.through(component, [entry, bench.entry('bare')])
  const { record, resource } = carriedBy(out!)
  tap.strictSame(resource, [])
  tap.strictSame(record.attributes, [
    ['log.file.path', '/'],
    ['log.file.name', '/'],
    ['loki.attribute.labels', 'filename,job'],
    ['filename', '/'],
    ['job', 'metadata wins'],
    ['trace', 'x'],
  ])
  tap.equal(record.body, 'line')
  tap.equal(BigInt.asIntN(64, record.time), -999_999_995n)
  tap.strictSame([out!.seconds, out!.nanos], [-1, 5])
})
