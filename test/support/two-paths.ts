/** Runs stages on the same bytes in all the ways that lines can come to them. */
import { standardLibrary } from '../../lib/alloy/stdlib/index.ts'
import type { Context } from '../../lib/component/component.ts'
import { composeStages, runStage, type Rows } from '../../lib/component/stage.ts'
import { processStages } from '../../lib/components/loki.process/process.ts'
import { entriesOf, type Batch } from '../../lib/flow/batch.ts'
import { Columns } from '../../lib/flow/columns.ts'
import type { Entry } from '../../lib/flow/entry.ts'
import { labelSet } from '../../lib/flow/labels.ts'
import { Ledger } from '../../lib/flow/ledger.ts'
import { DELIVERED } from '../../lib/flow/outcome.ts'
import { Intake } from '../../lib/intake/intake.ts'
import { cutLines } from '../../lib/intake/lines.ts'
import { metricsText } from '../../lib/pipeline-test/metrics-text.ts'
import { buildStages } from '../../lib/registry.ts'
import { readPipeline } from '../../lib/run/plan/pipeline-text.ts'
import { SILENT } from '../../lib/telemetry/log.ts'
import { Metrics } from '../../lib/telemetry/metrics.ts'
import { StepClock } from './step-clock.ts'

/** `entries`: strings from the start; `views`: entries made of columns; `columns`: with kernels where there are any. */
export type Path = 'entries' | 'views' | 'columns'

const LABELS = labelSet({ app: 'shop', __hidden: '1' })

const stdlib = standardLibrary({
  stability: 'experimental',
  env: {},
  hostname: 'test',
  os: 'linux',
  arch: 'amd64',
  version: 'v0.0.0',
})

/** Everything that can be seen of a run. */
export async function runPath(pipeline: string, lines: readonly Buffer[], path: Path): Promise<unknown> {
  const clock = new StepClock()
  const ledger = new Ledger()
  const ctx: Context = {
    id: 'loki.process.test',
    log: SILENT,
    metrics: Metrics.create(),
    clock,
    ledger,
    dataDir: undefined,
    stages: (specs) => buildStages(specs, ctx),
  }
  const { specs, diagnostics } = readPipeline({ name: 'test', text: pipeline }, stdlib)
  if (diagnostics.length > 0) throw new Error(`${diagnostics[0]!.message} in ${pipeline}`)
  const inner = ctx.stages(specs)
  const stage = composeStages(processStages(inner))
  const out: unknown[] = []
  const end = (rows: Rows): void => {
    for (const entry of rows instanceof Columns ? entriesOf(rows) : rows) {
      out.push(shown(entry))
      entry.ack.settle(DELIVERED)
    }
  }
  // In two parts: what stages remember of the first must not show in the second.
  const half = lines.length >> 1
  for (const part of [lines.slice(0, half), lines.slice(half)])
    for (const batch of await batchesOf(part, { clock, ledger, metrics: Metrics.create() }, path)) {
      const columns = path === 'columns' ? batch.takeColumns() : undefined
      end(await runStage(stage, columns ?? batch.take()))
    }
  end((await stage.flush?.()) ?? [])
  const stages = inner.rows!().map((row) => ({ ...row, seconds: 0 }))
  const metrics = metricsText(ctx.metrics.snapshot()).replaceAll(/.*seconds_total.*\n?/g, '')
  stage.close?.()
  return { out, rows: ledger.rows(), inFlight: ledger.inFlight, stages, metrics }
}

function shown(entry: Entry): unknown {
  const { line, labels, seconds, nanos, structuredMetadata, extracted } = entry
  return [line, labels.key, seconds, nanos, structuredMetadata, [...extracted.toMap()]]
}

async function batchesOf(
  lines: readonly Buffer[],
  ctx: ConstructorParameters<typeof Intake>[0],
  path: Path,
): Promise<Batch[]> {
  const intake = new Intake(ctx)
  const partition = intake.partition()
  const bytes = Buffer.concat(lines.flatMap((line) => [line, Buffer.from('\n')]))
  if (path === 'entries') {
    const texts: string[] = []
    cutLines({ bytes, start: 0, end: bytes.length }, texts)
    for (const text of texts) partition.add(text, LABELS, undefined)
  } else partition.addSegment({ bytes, start: 0, end: bytes.length }, LABELS, undefined)
  intake.end()
  return (await intake.output.toArray()) as Batch[]
}
