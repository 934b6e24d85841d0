/** Runs one pipeline unit test through the real decoder and the real stages, and says what differs. */
import { AckTracker } from '../flow/ack-tracker.ts'
import { printDiagnostic } from '../alloy/diagnostic.ts'
import type { Value } from '../alloy/value.ts'
import { systemClock } from '../flow/clock.ts'
import type { Context, Stage } from '../component/component.ts'
import { diagnosticsFor } from '../component/origin.ts'
import { entriesOf } from '../flow/batch.ts'
import { Columns } from '../flow/columns.ts'
import { Entry } from '../flow/entry.ts'
import { labelSet } from '../flow/labels.ts'
import { Ledger } from '../flow/ledger.ts'
import { DELIVERED } from '../flow/outcome.ts'
import { processStages } from '../components/loki.process/process.ts'
import { buildStages } from '../registry.ts'
import { composeStages, runStage, type Rows } from '../component/stage.ts'
import { SILENT } from '../telemetry/log.ts'
import { Metrics } from '../telemetry/metrics.ts'
import { formatRfc3339Nano, parseRfc3339 } from '../go/rfc3339.ts'
import { casePipeline, type CasePipeline, type PipelineEnv } from './case-pipeline.ts'
import type { TestCase, TestEntry } from './case.ts'
import { isInternal, isPerStage, metricsText } from './metrics-text.ts'
import { plural } from '../formats/plural.ts'

/** What a pipeline made of the input. */
export interface CaseResult {
  readonly entries: readonly TestEntry[]
  readonly metrics: string
  readonly internal_metrics: string
  /** What the account of source units lacks; empty when every unit ended exactly once. */
  readonly ledger: string
  /** Unix milliseconds: inputs without a time have that of `began`. */
  readonly began: number
  readonly ended: number
}

/** A pipeline that was refused, with what was wrong as text. */
export interface CaseRefusal {
  readonly refused: string
}

/** How a case is run. */
export interface CaseOptions extends PipelineEnv {
  /** How entries come to the stages: as entries if left out. */
  readonly feed: (entries: Entry[]) => Rows
}

/**
 * Runs the pipeline of a case. `stdlib` is what its expressions see; `folder` (the present one) is where its config is
 * looked for, at the level `stability` (experimental). Throws IO or BAD_INPUT when the config cannot be had.
 */
export async function runCase(
  test: TestCase,
  stdlib: ReadonlyMap<string, Value>,
  { folder = '.', stability = 'experimental', feed = (entries) => entries }: Partial<CaseOptions> = {},
): Promise<CaseResult | CaseRefusal> {
  const pipeline = await casePipeline(test, { stdlib, folder, stability })
  if (pipeline.refused !== '') return { refused: pipeline.refused }
  const ledger = new Ledger()
  const ctx = testContext(ledger)
  const built = buildPipeline(test, pipeline, ctx)
  if (!('run' in built)) return built
  try {
    return await runInput(built, test.input ?? [], ctx, feed)
  } finally {
    built.close?.()
  }
}

function testContext(ledger: Ledger): Context {
  const ctx: Context = {
    id: 'loki.process.test',
    log: SILENT,
    metrics: Metrics.create(),
    clock: systemClock,
    ledger,
    dataDir: undefined,
    stages: (specs) => buildStages(specs, ctx),
  }
  return ctx
}

function buildPipeline(test: TestCase, { specs }: CasePipeline, ctx: Context): Stage | CaseRefusal {
  try {
    return composeStages(processStages(ctx.stages(specs)))
  } catch (error) {
    const text = test.pipeline ?? ''
    const at = { source: { name: test.name, text }, range: { start: 0, end: text.length } }
    return {
      refused: diagnosticsFor(error, {}, at)
        .map((each) => printDiagnostic(each))
        .join('\n'),
    }
  }
}

async function runInput(
  stage: Stage,
  input: readonly TestEntry[],
  ctx: Context,
  feed: CaseOptions['feed'],
): Promise<CaseResult> {
  const tracker = new AckTracker<number>({ ledger: ctx.ledger, replayable: true, onAdvance: () => {} })
  const out: Entry[] = []
  const began = Date.now()
  for (const given of input) {
    const rows = await runStage(stage, feed([toEntry(given, began, tracker)]))
    out.push(...(rows instanceof Columns ? entriesOf(rows) : rows))
  }
  out.push(...((await stage.flush?.()) ?? []))
  const entries = out.map(fromEntry)
  for (const entry of out) entry.ack.settle(DELIVERED)
  const families = ctx.metrics.snapshot()
  return {
    entries,
    metrics: metricsText(families.filter((family) => !isInternal(family))),
    internal_metrics: metricsText(families.filter((family) => isInternal(family) && !isPerStage(family))),
    ledger:
      ctx.ledger.inFlight === 0
        ? ''
        : `${ctx.ledger.inFlight} of ${plural(ctx.ledger.read, 'line')} neither came out nor ${ctx.ledger.inFlight === 1 ? 'was' : 'were'} dropped`,
    began,
    ended: Date.now(),
  }
}

function toEntry(given: TestEntry, now: number, tracker: AckTracker<number>): Entry {
  const at = (given.timestamp === undefined ? undefined : parseRfc3339(given.timestamp)) ?? {
    seconds: Math.floor(now / 1000),
    nanos: (now % 1000) * 1e6,
  }
  const entry = new Entry(
    at.seconds,
    at.nanos,
    given.line,
    labelSet(given.labels ?? {}),
    tracker.open(1, given.line.length, 0),
  )
  entry.structuredMetadata = Object.entries(given.structured_metadata ?? {})
  return entry
}

function fromEntry(entry: Entry): TestEntry {
  return {
    line: entry.line,
    timestamp: formatRfc3339Nano(entry.seconds, entry.nanos),
    ...(entry.labels.size > 0 ? { labels: entry.labels.toObject() } : {}),
    ...(entry.structuredMetadata.length > 0
      ? { structured_metadata: Object.fromEntries(entry.structuredMetadata) }
      : {}),
  }
}
