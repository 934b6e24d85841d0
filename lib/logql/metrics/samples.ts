/** Turns log lines into the samples of a range aggregation: runs the pipeline, takes the value, groups the labels. */
import { EMPTY_LABELS } from '../../flow/labels.ts'
import type { Conversion, Grouping, RangeAggregation, Unwrap } from '../syntax/ast.ts'
import type { Budget } from '../engine/budget.ts'
import { type SampleGrouping, NO_HINTS, filterNames, hintsOf } from '../syntax/hints.ts'
import { LabelBuilder, type LabelTest } from '../stages/label-builder.ts'
import { compileLabelFilter, labelFiltersOf, parserTests } from '../stages/label-filter.ts'
import { lineFieldsOf } from '../stages/line-fields.ts'
import { numberLineOf } from '../stages/number-field.ts'
import { DUPLICATE_SUFFIX, EXTRACTION_ERROR } from '../syntax/label-names.ts'
import { momentOf } from '../engine/moment.ts'
import type { Querier } from '../engine/querier.ts'
import { readColumns } from './column-samples.ts'
import { Grouper } from './grouper.ts'
import { type Extractor, type Reader, readEntry } from './line-samples.ts'
import { rangeFunctions } from './range-functions.ts'
import type { Row } from '../stages/stage.ts'
import { neededStages } from './needed-stages.ts'
import type { SeriesTable } from './windowed-series.ts'
import { planStages } from '../stages/stages.ts'
import { type Converted, convertBytes, convertNumber, convertSeconds } from '../stages/units.ts'

/** A time range: bigint nanoseconds, both ends count as steps. */
export interface Steps {
  readonly start: bigint
  readonly end: bigint
  /** 0 for an instant query. */
  readonly step: bigint
}

const conversions: Record<Conversion, (text: string) => Converted> = {
  '': convertNumber,
  bytes: convertBytes,
  duration: convertSeconds,
  duration_seconds: convertSeconds,
}

/**
 * How samples are grouped when they are read. A `sum` around an additive aggregation does its grouping there already,
 * which also tells parsers what they need not look for.
 */
export function groupingOf(expression: RangeAggregation, outer: Grouping | undefined): SampleGrouping {
  const { joins, absent } = rangeFunctions[expression.operation]
  const pushed = expression.grouping === undefined && joins === 'sum' ? outer : undefined
  const grouping = pushed ?? expression.grouping
  const single = grouping !== undefined && !grouping.without && grouping.labels.length === 0
  const noLabels = single || absent === true
  const labels = [...new Set(grouping?.labels)]
  const without = grouping?.without ?? false
  const { unwrap } = expression.range
  if (unwrap === undefined || (labels.length > 0 && !without)) return { labels, without, noLabels }
  return { labels: [...labels, unwrap.label], without: true, noLabels }
}

function extractorOf(expression: RangeAggregation): Extractor {
  const { unwrap } = expression.range
  if (unwrap !== undefined) return unwrapExtractor(unwrap)
  return rangeFunctions[expression.operation].bytes ? ({ line }) => Buffer.byteLength(line) : () => 1
}

function unwrapExtractor(unwrap: Unwrap): Extractor {
  const convert = conversions[unwrap.conversion]
  const filters: LabelTest[] = unwrap.filters.map((filter) => compileLabelFilter(filter))
  return ({ labels }) => {
    const text = labels.get(unwrap.label) ?? ''
    if (text === '') return undefined
    const converted = convert(text)
    if ('problem' in converted) {
      labels.error = EXTRACTION_ERROR
      labels.errorDetails = converted.problem
    }
    let passes = true
    for (const filter of filters) passes = filter(labels) && passes
    if (!passes) return undefined
    return 'value' in converted ? converted.value : 0
  }
}

/** What metrics are computed of. */
export interface MetricContext {
  readonly querier: Querier
  readonly steps: Steps
  readonly budget: Budget
}

/**
 * Reads the samples that the steps of a range aggregation need into a table.
 *
 * @throws {LogqlError} when a limit is reached
 */
export async function readSamples(
  { querier, steps, budget }: MetricContext,
  expression: RangeAggregation,
  outer: Grouping | undefined,
  table: SeriesTable,
): Promise<void> {
  const { log, interval, offset, unwrap } = expression.range
  const { filters, stages, rest } = planStages(neededStages(expression))
  const grouping = groupingOf(expression, outer)
  const names = [...stages.flatMap((stage) => stage.names), ...(unwrap?.filters.flatMap(filterNames) ?? [])]
  const all = unwrap === undefined ? names : [...names, unwrap.label]
  const hints = stages.length === 0 && unwrap === undefined ? NO_HINTS : hintsOf(all, grouping)
  // Where labels to group by tell parsers what to look for, Loki's leave the filters to their stages.
  const isGrouped = hints.required !== undefined && !grouping.noLabels
  const tested = [...labelFiltersOf(rest), ...(unwrap?.filters.length === 1 ? unwrap.filters : [])]
  const labels = new LabelBuilder(EMPTY_LABELS, hints, parserTests(isGrouped ? [] : tested))
  const row: Row = { line: '', seconds: 0, nanos: 0, labels }
  const reader: Reader = { stages, extract: extractorOf(expression), grouper: new Grouper(grouping), row }
  const shift = BigInt(Math.round(offset))
  const base = momentOf(steps.start - shift)
  const selection = {
    matchers: log.matchers,
    // The range is open at its start, which the windows see to, and closed at its end.
    from: momentOf(steps.start - shift - BigInt(Math.round(interval))),
    to: momentOf(steps.end - shift + 1n),
    filters,
    signal: budget.signal,
  }
  const fields = querier.rows === undefined ? undefined : lineFieldsOf(rest, hints)
  if (querier.rows !== undefined && fields !== undefined) {
    const isBytes = unwrap === undefined && rangeFunctions[expression.operation].bytes === true
    const direct =
      unwrap?.conversion === '' && !reads(names, grouping, unwrap.label) ? unwrap.label : undefined
    const number = isBytes ? undefined : numberLineOf(rest, fields.names, { direct, grouping, unwrap })
    const reading = querier.rows({
      ...selection,
      byMetadata: metadataNames(grouping, all),
      number: number?.field,
    })
    const plan = { reader, fields, direct, number, isBytes, start: -Math.round(interval) }
    await readColumns(reading, plan, table, budget)
    return
  }
  for await (const batch of querier.entries({ ...selection, direction: 'forward', limit: undefined })) {
    for (const entry of batch) {
      budget.spend(entry.line)
      const sample = readEntry(reader, entry)
      if (sample === undefined) continue
      const time = (entry.seconds - base.seconds) * 1e9 + (entry.nanos - base.nanos)
      table.of(sample[0]).add(time, sample[1])
    }
  }
}

/** Whether the labels of a sample, or which lines have one, depend on a label besides the value that it is. */
function reads(names: readonly string[], { labels, without }: SampleGrouping, name: string): boolean {
  return names.includes(name) || (!without && labels.includes(name))
}

/** Which metadata makes a difference for the labels of samples, and for stages that read `names`. */
export function metadataNames(
  { labels, without, noLabels }: SampleGrouping,
  names: readonly string[] = [],
): true | readonly string[] {
  if (!noLabels && (without || labels.length === 0)) return true
  // What a stream has as well is known under another name.
  return [...names, ...(noLabels ? [] : labels)].flatMap((name) =>
    name.endsWith(DUPLICATE_SUFFIX) ? [name, name.slice(0, -DUPLICATE_SUFFIX.length)] : [name],
  )
}
