/** Runs entries through the stages of the running config again and groups those that fail by where they failed. */
import { setImmediate as turn } from 'node:timers/promises'
import type { Context } from '../../component/component.ts'
import type { StageSpec } from '../../component/fields.ts'
import { SeriesExplainer, type StageStep } from '../../explain/explain.ts'
import { flatSteps } from '../../explain/step.ts'
import { systemClock } from '../../flow/clock.ts'
import { Entry } from '../../flow/entry.ts'
import { labelSet } from '../../flow/labels.ts'
import { Ledger } from '../../flow/ledger.ts'
import { compileSelector, type CompiledSelector } from '../../formats/selector.ts'
import { buildStages } from '../../registry.ts'
import { SILENT } from '../../telemetry/log.ts'
import { Metrics } from '../../telemetry/metrics.ts'
import type { ExplainAnswer, ExplainRequest, FailedEntry, FailureGroup } from './messages.ts'
import type { Process, Processes } from './processes.ts'

/** Longest time for one request: someone waits for the answer, and it shares the CPU with the pipeline. */
const TIME_MS = 5000
/** Yields to the pipeline after this much work. */
const TURN_MS = 10
/** Longer lines are skipped: one of them could take seconds. */
const LONGEST_LINE = 65_536

export type Explained = Pick<ExplainAnswer, 'passed' | 'dropped' | 'held' | 'skipped' | 'groups'>

/** What happened to one entry in the components that it went through. */
interface Fate {
  readonly end: 'passed' | 'failed' | 'dropped' | 'held'
  readonly component: string
  readonly steps: readonly StageStep[]
}

/** `processes` may have other stages than the running ones. Throws BAD_SELECTOR. */
export async function explainEntries(
  { entries, selector: text, component }: ExplainRequest,
  processes: Pick<Processes, 'of' | 'chain'>,
  timeMs = TIME_MS,
): Promise<Explained> {
  const selector = compileSelector(text)
  const explainer = new SeriesExplainer(context())
  const groups = new Groups()
  const counts = { passed: 0, dropped: 0, held: 0, skipped: 0 }
  const until = Date.now() + timeMs
  let last = Date.now()
  try {
    for (const [i, each] of entries.entries()) {
      const now = Date.now()
      if (now >= until) {
        counts.skipped += entries.length - i
        break
      }
      if (now - last > TURN_MS) {
        await turn()
        last = Date.now()
      }
      if (each.line.length > LONGEST_LINE) {
        counts.skipped++
        continue
      }
      const chain = processes.chain(component ?? processes.of(each.labels))
      const fate = await within(until, fateOf(each, chain, explainer, selector))
      if (fate === undefined) counts.skipped++
      else if (fate.end === 'failed') groups.add(i, fate)
      else counts[fate.end]++
    }
  } finally {
    explainer.close()
  }
  return { ...counts, groups: groups.all() }
}

async function fateOf(
  { line, labels, structured_metadata: metadata, timestamp }: FailedEntry,
  chain: readonly Process[],
  explainer: SeriesExplainer,
  selector: CompiledSelector,
): Promise<Fate> {
  const at = BigInt(timestamp ?? Date.now() * 1e6)
  const entry = new Entry(Number(at / 1_000_000_000n), Number(at % 1_000_000_000n), line, labelSet(labels))
  entry.structuredMetadata = Object.entries(metadata ?? {})
  let fate: Fate = { end: 'failed', component: '', steps: [] }
  let end = { line, labels }
  for (const { id, specs } of chain) {
    entry.resetExtracted()
    const steps = await explainer.explain(specs, entry)
    const last = steps.at(-1)
    fate = { end: 'failed', component: id, steps }
    if (last !== undefined && last.outcome !== 'passed') return { ...fate, end: last.outcome }
    end = last?.after[0] ?? end
  }
  return selector.matches(labelSet(end.labels), end.line) ? fate : { ...fate, end: 'passed' }
}

// Some stages wait, such as stage.limit.
async function within<T>(until: number, work: Promise<T>): Promise<T | undefined> {
  let timer: NodeJS.Timeout | undefined
  const late = new Promise<undefined>((resolve) => {
    timer = setTimeout(() => resolve(undefined), Math.max(0, until - Date.now()))
  })
  try {
    return await Promise.race([work, late])
  } finally {
    clearTimeout(timer)
  }
}

/** Groups entries by where they failed. */
class Groups {
  readonly #groups = new Map<string, { readonly group: FailureGroup; readonly entries: number[] }>()

  add(index: number, { component, steps }: Fate): void {
    const place = furthest(steps, '')
    const key = `${component} ${place.path} ${place.part}`
    const known = this.#groups.get(key)
    if (known !== undefined) return void known.entries.push(index)
    const entries = [index]
    const flat = flatSteps(steps)
    const at = flat.find(({ stage }) => stage === place.path)
    this.#groups.set(key, { group: { key, component, at, steps: flat, entries }, entries })
  }

  all(): FailureGroup[] {
    return [...this.#groups.values()]
      .map(({ group }) => group)
      .sort((a, b) => b.entries.length - a.entries.length)
  }
}

/** Where an entry failed: the stage, and the part of its expression or selector. */
interface Place {
  readonly path: string
  readonly part: string
  readonly weight: number
}

const NOWHERE: Place = { path: '', part: '', weight: 0 }

// With several expressions, one per format, the one that got furthest is probably the right format. A selector that
// didn't match counts only when no expression failed: it is usually a consequence.
function furthest(steps: readonly StageStep[], within: string): Place {
  let best = NOWHERE
  steps.forEach((step, i) => {
    const path = `${within}${i + 1}.${step.stage}`
    for (const place of [placeIn(step, path), furthest(step.inner ?? [], `${path}/`)])
      if (place.weight > best.weight) best = place
  })
  return best
}

function placeIn({ regex, selector = [] }: StageStep, path: string): Place {
  if (regex !== undefined) {
    const { pattern, progress } = regex
    if (progress === undefined) return { path, part: 'start', weight: 1 }
    const { from, to } = progress
    return { path, part: `${from}-${to}`, weight: 1 + from / (pattern.length + 1) }
  }
  const refused = selector.find(({ matched }) => !matched)
  return refused === undefined ? NOWHERE : { path, part: refused.part, weight: 0.5 }
}

/** A context for trying stages: their log lines and metrics are discarded. */
export function context(): Context {
  const ctx: Context = {
    id: 'loki.process',
    log: SILENT,
    metrics: Metrics.create(),
    clock: systemClock,
    ledger: new Ledger(),
    dataDir: undefined,
    stages: (specs: readonly StageSpec[]) => buildStages(specs, ctx),
  }
  return ctx
}
