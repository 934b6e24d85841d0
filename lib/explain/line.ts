/** Follows one line through the `loki.process` components of a config, or through a pipeline that stands by itself. */
import { printDiagnostic, type Diagnostic } from '../alloy/diagnostic.ts'
import { systemClock } from '../flow/clock.ts'
import type { Context } from '../component/component.ts'
import { Entry } from '../flow/entry.ts'
import { LogstreamError } from '../errors.ts'
import type { StageSpec } from '../component/fields.ts'
import { labelSet } from '../flow/labels.ts'
import { snapshot, type Snapshot } from '../flow/snapshot.ts'
import { Ledger } from '../flow/ledger.ts'
import { buildStages } from '../registry.ts'
import { readConfig } from '../run/modules/config-files.ts'
import { hostLibrary } from '../run/plan/host-library.ts'
import { readPipeline } from '../run/plan/pipeline-text.ts'
import { findProcessComponents, processChain } from '../run/plan/process-components.ts'
import { SILENT } from '../telemetry/log.ts'
import { Metrics } from '../telemetry/metrics.ts'
import { explainEntry, type StageStep } from './explain.ts'

/** A component with its stages. */
export interface ExplainedProcess {
  readonly id: string
  readonly specs: readonly StageSpec[]
}

/** What one component did to an entry. */
export interface Explanation {
  /** The id of the `loki.process`. */
  readonly component: string
  /** The entry as it came in. */
  readonly entry: Snapshot
  /** Its stages, in order, up to the one that dropped or held the entry. */
  readonly steps: readonly StageStep[]
}

interface LineToExplain {
  readonly line: string
  readonly labels?: Readonly<Record<string, string>>
}

/** A line, and either the body of a `loki.process` block or a config with the component to start at. */
export type ExplainOptions = LineToExplain &
  (
    | { readonly pipeline: string }
    | {
        /** Path of a config file, or a folder of them. */
        readonly config: string
        /** Id, or the end of one; left out: the `loki.process` that sources forward to. */
        readonly component?: string
      }
  )

/** The library's `explainLine`. */
export async function explainLine(options: ExplainOptions): Promise<Explanation[]> {
  const stdlib = hostLibrary(process.env, 'experimental')
  if ('pipeline' in options) {
    const { specs, diagnostics } = readPipeline({ name: 'pipeline', text: options.pipeline }, stdlib)
    refuseErrors(diagnostics)
    return await explainChain([{ id: 'loki.process', specs }], options.line, options.labels ?? {})
  }
  const { config, component } = options
  const processes = await findProcessComponents({
    config: () => readConfig(config),
    stability: 'experimental',
    stdlib,
  })
  refuseErrors(processes.diagnostics)
  const chain = processChain(processes, component)
  const labels = processes.feeds.find(({ to }) => to === chain[0]?.id)?.labels
  return await explainChain(chain, options.line, { ...labels, ...options.labels })
}

function refuseErrors(diagnostics: readonly Diagnostic[]): void {
  const errors = diagnostics.filter(({ severity }) => severity === 'error')
  if (errors.length > 0)
    throw new LogstreamError('BAD_CONFIG', errors.map((each) => printDiagnostic(each)).join('\n'))
}

/** Follows a line with the present as its time; the last explanation is that of the component that let it go no further. */
export async function explainChain(
  chain: readonly ExplainedProcess[],
  line: string,
  labels: Readonly<Record<string, string>>,
): Promise<Explanation[]> {
  const now = Date.now()
  const entry = new Entry(Math.floor(now / 1000), (now % 1000) * 1e6, line, labelSet(labels))
  const explanations: Explanation[] = []
  for (const { id, specs } of chain) {
    entry.resetExtracted()
    const start = snapshot(entry)
    const steps = await explainEntry(specs, entry, explainContext(id))
    explanations.push({ component: id, entry: start, steps })
    if (steps.some(({ outcome }) => outcome !== 'passed')) break
  }
  return explanations
}

function explainContext(id: string): Context {
  const ctx: Context = {
    id,
    log: SILENT,
    metrics: Metrics.create(),
    clock: systemClock,
    ledger: new Ledger(),
    dataDir: undefined,
    stages: (specs) => buildStages(specs, ctx),
  }
  return ctx
}
