/** What each stage of a pipeline did to an entry, and why. */
import type { Context, StageInsight } from '../component/component.ts'
import { placeOfOptions } from '../component/origin.ts'
import type { Entry } from '../flow/entry.ts'
import { textOf, type ExtractedValue } from '../flow/extracted.ts'
import type { Options, StageSpec } from '../component/fields.ts'
import { positionAt } from '../alloy/source.ts'
import type { Ack } from '../flow/ack.ts'
import type { Outcome } from '../flow/outcome.ts'
import { stageDefinitions } from '../registry.ts'
import { createStage } from '../component/stage.ts'
import { compileSelector, parseSelector } from '../formats/selector.ts'
import { Metrics } from '../telemetry/metrics.ts'
import { formatFloatG } from '../go/strconv/number.ts'
import { formatRfc3339Nano } from '../go/rfc3339.ts'
import { compile } from '../go/regexp/regexp.ts'
import { regexProgress, type RegexProgress } from './regex-progress.ts'

/** An entry at one moment. */
export interface Snapshot {
  readonly line: string
  readonly timestamp: string
  readonly labels: Readonly<Record<string, string>>
  readonly structured_metadata: Readonly<Record<string, string>>
  readonly extracted: Readonly<Record<string, ExtractedValue>>
}

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
  readonly stage: string
  /** `file:line` of the stage's block, where it was read from a config. */
  readonly place?: string
  readonly before: Snapshot
  /** The entries that go on: none when it was dropped or is held, several when it was split. */
  readonly after: readonly Snapshot[]
  readonly outcome: 'passed' | 'dropped' | 'held'
  readonly reason?: string
  readonly selector?: readonly SelectorPart[]
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
  const steps: StageStep[] = []
  let current: Entry | undefined = entry
  for (const spec of specs) {
    if (current === undefined) break
    const { step, next }: { step: StageStep; next: Entry | undefined } = await explainStage(
      spec,
      current,
      ctx,
    )
    steps.push(step)
    current = next
  }
  return steps
}

/** An entry as `explain` shows it. */
export function snapshot(entry: Entry): Snapshot {
  return {
    line: entry.line,
    timestamp: formatRfc3339Nano(entry.seconds, entry.nanos),
    labels: entry.labels.toObject(),
    structured_metadata: Object.fromEntries(entry.structuredMetadata),
    extracted: Object.fromEntries(entry.extracted.toMap()),
  }
}

async function explainStage(
  spec: StageSpec,
  entry: Entry,
  ctx: Context,
): Promise<{ step: StageStep; next: Entry | undefined }> {
  const before = snapshot(entry)
  const definition = stageDefinitions.get(spec.name)!
  const insight = definition.explain ?? {}
  const selection = insight.selection?.(spec.options)
  const base = {
    stage: spec.name,
    place: placeText(spec),
    before,
    ...patternMiss(insight, spec, entry),
    ...(selection === undefined ? {} : { selector: selectorParts(selection.selector, entry) }),
  }
  if (selection !== undefined && selection.stages.length > 0) {
    const explained = await explainInner(selection.selector, selection.stages, entry, ctx)
    if (explained !== undefined) {
      const { inner, next } = explained
      const last = inner.at(-1)
      const step = {
        ...base,
        after: next === undefined ? [] : [snapshot(next)],
        outcome: last?.outcome ?? ('passed' as const),
        reason: last?.reason,
        inner,
      }
      return { step, next }
    }
  }
  const watched = watch(entry)
  const metrics = Metrics.create()
  const stage = createStage(definition, spec.options, { ...ctx, metrics })
  try {
    const out = await stage.run([entry])
    const outcome = out.length > 0 ? 'passed' : watched.outcome === undefined ? 'held' : 'dropped'
    const step: StageStep = {
      ...base,
      after: out.map(snapshot),
      outcome,
      reason: watched.outcome?.reason,
      ...(insight.metrics === true ? { metrics: counted(metrics) } : {}),
    }
    return { step, next: out[0] }
  } finally {
    stage.close?.()
  }
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

/** What the stages inside did to the entry; `undefined` where the selector did not pick it. */
async function explainInner(
  selector: string,
  specs: readonly StageSpec[],
  entry: Entry,
  ctx: Context,
): Promise<{ inner: StageStep[]; next: Entry | undefined } | undefined> {
  if (!compileSelector(selector).matches(entry.labels, entry.line)) return undefined
  entry.extracted.setLabels(entry.labels)
  const inner = await explainEntry(specs, entry, ctx)
  const gone = inner.some(({ outcome }) => outcome !== 'passed')
  return { inner, next: gone ? undefined : entry }
}

function selectorParts(text: string, entry: Entry): SelectorPart[] {
  const { matchers, filters } = parseSelector(text)
  return [
    ...matchers.map(({ name, operator, value }) => {
      const part = `${name}${operator}${JSON.stringify(value)}`
      return {
        part,
        matched: compileSelector(`{${part}}`).matches(entry.labels, entry.line),
        found: entry.labels.get(name) ?? '',
      }
    }),
    ...filters.map((filter) => {
      const part = `${filter.operator} ${JSON.stringify(filter.text)}`
      // A matcher that every entry passes, since a selector cannot be without one.
      return { part, matched: compileSelector(`{__none__=""} ${part}`).matches(entry.labels, entry.line) }
    }),
  ]
}

function patternMiss(
  { pattern: patternOf }: StageInsight<Options>,
  spec: StageSpec,
  entry: Entry,
): { regex?: RegexMiss } {
  if (patternOf === undefined) return {}
  const { expression: pattern, source } = patternOf(spec.options)
  const subject = source === undefined || source === '' ? entry.line : textOf(entry.extracted.get(source))
  if (subject === undefined || compile(pattern).test(subject)) return {}
  return { regex: { pattern, subject, progress: regexProgress(pattern, subject) } }
}

function placeText(spec: StageSpec): string | undefined {
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
