/**
 * `logstream check --sample`: runs a sample through a whole config as it would run, with the sample in place of a source and
 * with sinks that count, and reports what a Loki would get.
 */
import type { Readable } from 'node:stream'
import { Writable } from 'node:stream'
import { printDiagnostic, type Diagnostic } from '../alloy/diagnostic.ts'
import type { Value } from '../alloy/value.ts'
import type { Component, ComponentDefinition, Stability, StageRow } from '../component/component.ts'
import type { Options, StageSpec } from '../component/fields.ts'
import { limitsOf, type LokiStoreOptions } from '../components/loki.store/options.ts'
import { LogstreamError } from '../errors.ts'
import { placeText } from '../explain/explain.ts'
import type { Batch } from '../flow/batch.ts'
import { labelSet, type LabelSet } from '../flow/labels.ts'
import { DELIVERED } from '../flow/outcome.ts'
import { diskFiles } from '../run/modules/config-files.ts'
import type { ConfigText } from '../run/modules/config-text.ts'
import { Supervisor } from '../run/supervise/supervisor.ts'
import { stageDefinitions } from '../registry.ts'
import { SILENT } from '../telemetry/log.ts'
import { Metrics } from '../telemetry/metrics.ts'
import { MisfitWatch } from './misfits.ts'
import { LOKI_LIMITS } from './refusals.ts'
import { reportOf, type CheckReport, type StageDrop } from './report.ts'
import { Sample } from './sample.ts'
import { driven, SampleClock } from './sample-clock.ts'
import { sourceNamed, standIns, type FoundProcess } from './stand-ins.ts'
import { Streams, type SinkSettings } from './streams.ts'

export interface CheckOptions {
  readonly config: () => readonly ConfigText[]
  readonly sample: Readable
  /** The source that the sample stands for: its id, or the end of it. */
  readonly from: string | undefined
  /** Labels of every line, over those that the config gives. */
  readonly labels: Readonly<Record<string, string>>
  readonly stability: Stability
  readonly stdlib: ReadonlyMap<string, Value>
  readonly logsOnly: boolean
}

/** Throws BAD_CONFIG with all diagnostics, BAD_USAGE when the source isn't clear, IO when the sample can't be read. */
export async function checkSample(options: CheckOptions): Promise<CheckReport> {
  const clock = new SampleClock(Date.now())
  const began = clock.now()
  const sample = new Sample(options.sample)
  const sinks = new Map<string, Streams>()
  let chosen: string | undefined
  const stand = standIns({
    source: ({ id, labels }, ctx): Component =>
      id === chosen ? { output: sample.output(withLabels(labels, options.labels), ctx.clock) } : {},
    sink: (definition, given, ctx) => {
      const streams = new Streams(sinkSettings(definition, given), began)
      sinks.set(ctx.id, streams)
      return { input: counting(streams) }
    },
  })
  const { config, stability, stdlib, logsOnly } = options
  const supervisor = new Supervisor({
    ...{ config, stability, stdlib, logsOnly, clock },
    files: diskFiles,
    log: SILENT,
    metrics: Metrics.create(),
    storagePath: undefined,
    substitutes: stand.definitions,
  })
  refuseErrors(await supervisor.check())
  const found = sourceNamed(stand.sources, options.from)
  const source = { ...found, labels: withLabels(found.labels, options.labels) }
  chosen = found.id
  const misfits = new MisfitWatch()
  for (const [id, { specs }] of stand.processes) supervisor.watchStages(id, misfits.watcher(specs))
  sinks.clear()
  await supervisor.load()
  await driven(
    supervisor.sourcesEnded().then(() => supervisor.stop()),
    clock,
    sample,
  )
  if (sample.failure !== undefined)
    throw new LogstreamError('IO', `cannot read the sample: ${sample.failure}`)
  if (sample.lines === 0) throw new LogstreamError('BAD_INPUT', 'expected lines in the sample, found none')
  return reportOf({ sample, source, misfits, drops: [...stand.processes.values()].flatMap(dropsOf), sinks })
}

function refuseErrors(diagnostics: readonly Diagnostic[]): void {
  const errors = diagnostics.filter(({ severity }) => severity === 'error')
  if (errors.length > 0)
    throw new LogstreamError('BAD_CONFIG', errors.map((each) => printDiagnostic(each)).join('\n\n'))
}

function withLabels(labels: LabelSet, more: Readonly<Record<string, string>>): LabelSet {
  return Object.entries(more).reduce((set, [name, value]) => set.with(name, value), labels)
}

function counting(streams: Streams): Writable {
  return new Writable({
    objectMode: true,
    write: (batch: Batch, _encoding, done) => {
      for (const entry of batch.take()) {
        streams.add(entry)
        entry.ack.settle(DELIVERED)
      }
      done()
    },
  })
}

function sinkSettings({ name }: ComponentDefinition, options: Options): SinkSettings {
  const { external_labels = new Map<string, string>(), endpoint = [] } = options as {
    external_labels?: ReadonlyMap<string, string>
    endpoint?: readonly { readonly tenant_id?: string }[]
  }
  return {
    externalLabels: labelSet(external_labels),
    tenant: endpoint[0]?.tenant_id ?? '',
    limits:
      name === 'loki.store'
        ? limitsOf(options as unknown as LokiStoreOptions)
        : name === 'loki.echo'
          ? undefined
          : LOKI_LIMITS,
  }
}

function dropsOf({ specs, component }: FoundProcess): StageDrop[] {
  const status = component.status?.() as { readonly stages: readonly StageRow[] } | undefined
  return (status?.stages ?? []).flatMap(({ stage, dropped }) =>
    Object.entries(dropped).map(([reason, entries]) => {
      const spec = specAt(specs, stage)
      return {
        stage: `stage.${spec?.name ?? stage}`,
        place: (spec && placeText(spec)) ?? '',
        reason,
        entries,
      }
    }),
  )
}

/** The stage at a place such as `2.match/1.drop`. */
function specAt(specs: readonly StageSpec[], path: string): StageSpec | undefined {
  const [first = '', ...rest] = path.split('/')
  const spec = specs[Number.parseInt(first, 10) - 1]
  if (spec === undefined || rest.length === 0) return spec
  const inner = stageDefinitions.get(spec.name)?.explain?.selection?.(spec.options).stages ?? []
  return specAt(inner, rest.join('/'))
}
