/** `otelcol.exporter.loki`: records become entries; what can't is counted and told. */
import t from 'tap'
import { otelcolExporterLoki } from '../../../../lib/components/otelcol.exporter.loki/exporter-loki.ts'
import { otelcolReceiverLoki } from '../../../../lib/components/otelcol.receiver.loki/receiver-loki.ts'
import { Stamps, systemClock } from '../../../../lib/flow/clock.ts'
import type { Entry } from '../../../../lib/flow/entry.ts'
import { carriedEntries } from '../../../../lib/otlp/carried.ts'
import { decodeOtlpJson } from '../../../../lib/otlp/otlp-json.ts'
import { ComponentBench } from '../../../support/component-run.ts'
import { otlpJson } from '../../../support/otlp-export.ts'
import { metric } from '../../../support/source.ts'

function records(json: string): Entry[] {
  const decoded = decodeOtlpJson(json)
  if (!decoded.ok) throw new Error(decoded.error)
  return carriedEntries(decoded.resources, new Stamps(systemClock))
}

void t.test('labels and a line; the acknowledgement stays', async (tap) => {
  const bench = new ComponentBench()
  const component = bench.create(otelcolExporterLoki, { forward_to: [] })
  const [good, bad] = [
    records(otlpJson(['hi'], { 'loki.format': 'raw' }))[0]!,
    records(otlpJson(['hi'], { 'loki.format': 'x' }))[0]!,
  ]
  good.ack = bench.entry('').ack
  bad.ack = bench.entry('').ack
  const out = await bench.through(component, [good, bad])
  tap.equal(out.length, 1)
  tap.strictSame(
    [out[0]!.line, out[0]!.labels.toObject(), out[0]!.record],
    ['hi', { exporter: 'OTLP', job: 'shop', level: 'INFO' }, undefined],
  )
  tap.equal(metric(bench.context, 'otelcol_exporter_loki_entries_total'), 2)
  tap.equal(metric(bench.context, 'otelcol_exporter_loki_entries_failed'), 1)
  tap.equal(metric(bench.context, 'otelcol_exporter_loki_entries_processed'), 1)
})

void t.test('an entry of Loki comes back with its labels', async (tap) => {
  const bench = new ComponentBench()
  const exporter = bench.create(otelcolExporterLoki, { forward_to: [] })
  const receiver = bench.create(otelcolReceiverLoki, { output: {} })
  const entry = bench.entry('line', { job: 'a', filename: '/var/log/x.log' })
  entry.structuredMetadata = [['trace', 'x']]
  const [record] = await bench.through(receiver, [entry])
  tap.equal(record!.labels.size, 0)
  const [back] = await bench.through(exporter, [record!])
  tap.strictSame(back!.labels.toObject(), { exporter: 'OTLP', filename: '/var/log/x.log', job: 'a' })
  tap.strictSame(JSON.parse(back!.line), {
    body: 'line',
    attributes: { 'log.file.name': 'x.log', 'log.file.path': '/var/log/x.log', trace: 'x' },
  })
})
