/** What each stage of a pipeline did to an entry, and why. */
import type { Context, Stage, StageInsight } from '../component/component.ts'
import { placeOfOptions } from '../component/origin.ts'
import type { Entry } from '../flow/entry.ts'
import { textOf } from '../flow/extracted.ts'
import { snapshot, type Snapshot } from '../flow/snapshot.ts'
import type { Options, StageSpec } from '../component/fields.ts'
import { positionAt } from '../alloy/source.ts'
import type { Ack } from '../flow/ack.ts'
import type { Outcome } from '../flow/outcome.ts'
import { stageDefinitions } from '../registry.ts'
import { createStage } from '../component/stage.ts'
import { compileSelector, parseSelector, type CompiledSelector } from '../formats/selector.ts'
import { Metrics } from '../telemetry/metrics.ts'
import { formatFloatG } from '../go/strconv/number.ts'
import { compile, type Regexp } from '../go/regexp/regexp.ts'
import { Lru } from '../lru.ts'
import { regexProgress, type RegexProgress } from './regex-progress.ts'

/** One matcher or line filter of a selector, and what it met. */
export interface SelectorPart {
  readonly part: string
  readonly matched: boolean
  /** The value of the label; absent for line filters. */
  readonly found?: string
}

/** A regular expression that did not match, with how far it got. */
export interface RegexMiss {
  readonly pattern: string
  readonly subject: string
  readonly progress?: RegexProgress
}

/** What one stage did to an entry. */
export interface StageStep {
  /** `stage.regex`. */
  readonly stage: string
  /** `file:line` of the stage's block, where it was read from a config. */
  readonly place?: string
  /** The entry as the stage got it. */
  readonly before: Snapshot
  /** The entries that go on: none when it was dropped or is held, several when it was split. */
  readonly after: readonly Snapshot[]
  /** `held`: by a stage that collects several, such as a multiline. */
  readonly outcome: 'passed' | 'dropped' | 'held'
  /** Why it was dropped. */
  readonly reason?: string
  /** Which parts of a match's selector hold. */
  readonly selector?: readonly SelectorPart[]
  /** Where an expression stopped matching. */
  readonly regex?: RegexMiss
  /** What a `stage.metrics` counted for this entry alone, as `name value`. */
  readonly metrics?: readonly string[]
  /** The stages of a match, where it was picked. */
  readonly inner?: readonly StageStep[]
}

/** Runs an entry through the stages one by one. Follows single entries only: what a multiline holds stays held. */
export async function explainEntry(
  specs: readonly StageSpec[],
  entry: Entry,
  ctx: Context,
): Promise<StageStep[]> {
  return await new Explainer(ctx).explain(specs, entry)
}

/**
 * Explains a series of entries with stages that are built once: much faster, but stages with a memory keep it, and their
 * metrics can't be told apart by entry.
 */
export class SeriesExplainer {
  readonly #explainer: Explainer
  readonly #stages = new Map<StageSpec, BuiltStage>()

  constructor(ctx: Context) {
    this.#explainer = new Explainer(ctx, this.#stages)
  }

  explain(specs: readonly StageSpec[], entry: Entry): Promise<StageStep[]> {
    return this.#explainer.explain(specs, entry)
  }

  close(): void {
    for (const { stage } of this.#stages.values()) stage.close?.()
  }
}

interface BuiltStage {
  readonly stage: Stage
  readonly metrics: Metrics
}

class Explainer {
  readonly #ctx: Context
  readonly #kept: Map<StageSpec, BuiltStage> | undefined

  /** `kept`: where built stages are kept for later entries; left out: each entry gets its own. */
  constructor(ctx: Context, kept?: Map<StageSpec, BuiltStage>) {
    this.#ctx = ctx
    this.#kept = kept
  }

  async explain(specs: readonly StageSpec[], entry: Entry): Promise<StageStep[]> {
    const steps: StageStep[] = []
    let current: Entry | undefined = entry
    for (const spec of specs) {
      if (current === undefined) break
      const { step, next }: Explained = await this.#stage(spec, current)
      steps.push(step)
      current = next
    }
    return steps
  }

  async #stage(spec: StageSpec, entry: Entry): Promise<Explained> {
    const before = snapshot(entry)
    const insight = stageDefinitions.get(spec.name)!.explain ?? {}
    const selection = insight.selection?.(spec.options)
    const base = {
      stage: spec.name,
      place: placeText(spec),
      before,
      ...patternMiss(insight, spec, entry),
      ...(selection === undefined ? {} : { selector: selectorParts(selection.selector, entry) }),
    }
    if (selection !== undefined && selection.stages.length > 0) {
      const explained = await this.#inside(selection.selector, selection.stages, entry)
      if (explained !== undefined) return { step: { ...base, ...explained.step }, next: explained.next }
    }
    const { step, next } = await this.#run(spec, entry, insight.metrics === true)
    return { step: { ...base, ...step }, next }
  }

  /** What the stages inside did to the entry; `undefined` where the selector did not pick it. */
  async #inside(selector: string, specs: readonly StageSpec[], entry: Entry): Promise<Partly | undefined> {
    if (!selectorOf(selector).matches(entry.labels, entry.line)) return undefined
    entry.extracted.setLabels(entry.labels)
    const inner = await this.explain(specs, entry)
    const last = inner.at(-1)
    const next = inner.some(({ outcome }) => outcome !== 'passed') ? undefined : entry
    return {
      step: {
        after: next === undefined ? [] : [snapshot(next)],
        outcome: last?.outcome ?? 'passed',
        reason: last?.reason,
        inner,
      },
      next,
    }
  }

  async #run(spec: StageSpec, entry: Entry, counts: boolean): Promise<Partly> {
    const watched = watch(entry)
    const { stage, metrics } = this.#kept?.get(spec) ?? this.#build(spec)
    try {
      const out = await stage.run([entry])
      const outcome = out.length > 0 ? 'passed' : watched.outcome === undefined ? 'held' : 'dropped'
      return {
        step: {
          after: out.map(snapshot),
          outcome,
          reason: watched.outcome?.reason,
          ...(counts && this.#kept === undefined ? { metrics: counted(metrics) } : {}),
        },
        next: out[0],
      }
    } finally {
      if (this.#kept === undefined) stage.close?.()
    }
  }

  #build(spec: StageSpec): BuiltStage {
    const metrics = Metrics.create()
    const stage = createStage(stageDefinitions.get(spec.name)!, spec.options, { ...this.#ctx, metrics })
    const built = { stage, metrics }
    this.#kept?.set(spec, built)
    return built
  }
}

interface Explained {
  readonly step: StageStep
  readonly next: Entry | undefined
}

interface Partly {
  readonly step: Pick<StageStep, 'after' | 'outcome' | 'reason' | 'inner' | 'metrics'>
  readonly next: Entry | undefined
}

// The entry's own labels are known; the buckets follow from the sum of a single value.
function counted(metrics: Metrics): string[] {
  return metrics.snapshot().flatMap(({ name, samples }) =>
    samples
      .map((sample) => ({ name: sample.name ?? name, value: sample.value }))
      .filter((sample) => !sample.name.endsWith('_bucket'))
      .map((sample) => `${sample.name} ${formatFloatG(sample.value)}`),
  )
}

// A series of lines meets the same few selectors and patterns.
const selectors = new Lru<string, CompiledSelector>(256)
const patterns = new Lru<string, Regexp>(256)

function selectorOf(text: string): CompiledSelector {
  const known = selectors.get(text) ?? compileSelector(text)
  selectors.set(text, known)
  return known
}

function patternOf(text: string): Regexp {
  const known = patterns.get(text) ?? compile(text)
  patterns.set(text, known)
  return known
}

function selectorParts(text: string, entry: Entry): SelectorPart[] {
  const { matchers, filters } = parseSelector(text)
  return [
    ...matchers.map(({ name, operator, value }) => {
      const part = `${name}${operator}${JSON.stringify(value)}`
      return {
        part,
        matched: selectorOf(`{${part}}`).matches(entry.labels, entry.line),
        found: entry.labels.get(name) ?? '',
      }
    }),
    ...filters.map((filter) => {
      const part = `${filter.operator} ${JSON.stringify(filter.text)}`
      // A matcher that every entry passes, since a selector cannot be without one.
      return { part, matched: selectorOf(`{__none__=""} ${part}`).matches(entry.labels, entry.line) }
    }),
  ]
}

function patternMiss(insight: StageInsight<Options>, spec: StageSpec, entry: Entry): { regex?: RegexMiss } {
  if (insight.pattern === undefined) return {}
  const { expression: pattern, source } = insight.pattern(spec.options)
  const subject = source === undefined || source === '' ? entry.line : textOf(entry.extracted.get(source))
  if (subject === undefined || patternOf(pattern).test(subject)) return {}
  return { regex: { pattern, subject, progress: regexProgress(pattern, subject) } }
}

/** Where a stage is written, as `file:line`; `undefined` for one that isn't in a config. */
export function placeText(spec: StageSpec): string | undefined {
  const place = placeOfOptions(spec.options)
  return place === undefined
    ? undefined
    : `${place.source.name}:${positionAt(place.source, place.range.start).line}`
}

// Sees how the entry ends, and passes that on to its own acknowledgement.
function watch(entry: Entry): { outcome: Outcome | undefined } {
  const watched: { outcome: Outcome | undefined } = { outcome: undefined }
  const { ack } = entry
  const watching: Ack = {
    replayable: ack.replayable,
    settle: (outcome) => {
      watched.outcome = outcome
      ack.settle(outcome)
    },
  }
  entry.ack = watching
  return watched
}
