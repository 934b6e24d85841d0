/** `stage.metrics`: counters, gauges and histograms from entries, with the entry's labels. */
import type { Context, Stage } from '../lib/component/component.ts'
import type { Columns } from '../lib/flow/columns.ts'
import type { Entry } from '../lib/flow/entry.ts'
import { textOf, type ExtractedValue } from '../lib/flow/extracted.ts'
import { duration, flag, float, list, optional, required, text, variants } from '../lib/component/fields.ts'
import type { OptionsOf } from '../lib/component/fields.ts'
import { MAX_SERIES, SeriesTable, type Series } from '../lib/flow/series.ts'
import { SeriesColumn } from '../lib/flow/series-column.ts'
import { ValueReader } from '../lib/flow/value-reader.ts'
import { badOption } from '../lib/component/options/pattern.ts'
import { defineStage } from '../lib/component/stage-stream.ts'
import type { Sample, SampleSource } from '../lib/telemetry/family.ts'
import { parseDuration } from '../lib/go/duration.ts'
import { formatFloatG, parseFloat } from '../lib/go/strconv/number.ts'

const DEFAULT_PREFIX = 'loki_process_custom_'
const DEFAULT_IDLE = 300_000
/** Those of client_golang, used where `buckets` is empty. */
const DEFAULT_BUCKETS = [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10]

const common = {
  name: required(text, 'Name of the metric, after the prefix.'),
  description: optional(text, '', 'Help text.'),
  source: optional(text, '', 'Extracted value to read; left out: the one named like the metric.'),
  prefix: optional(text, '', 'Prefix of the name; left out: "loki_process_custom_".'),
  max_idle_duration: optional(
    duration,
    DEFAULT_IDLE,
    'A series unchanged for this long is removed when the metrics are read, at least "1s".',
  ),
  value: optional(text, '', 'Only values that are exactly this text count; left out: all.'),
}

const counter = {
  ...common,
  action: required(text, 'Add 1 ("inc") or the value ("add").', ['inc', 'add']),
  match_all: optional(flag, false, 'Count every entry, whatever was extracted.'),
  count_entry_bytes: optional(flag, false, 'Add the byte length of the line; needs match_all and "add".'),
}

const gauge = {
  ...common,
  action: required(text, 'What the value does to the gauge.', ['set', 'inc', 'dec', 'add', 'sub']),
}

const histogram = {
  ...common,
  buckets: required(list(float), 'Upper bounds, increasing; empty: 0.005 to 10.'),
}

type CounterOptions = OptionsOf<typeof counter>
type GaugeOptions = OptionsOf<typeof gauge>
type HistogramOptions = OptionsOf<typeof histogram>
type CommonOptions = OptionsOf<typeof common>

/** One metric: what it takes from an entry, and what it does with it. */
interface Recorder {
  readonly options: CommonOptions
  readonly table: SeriesTable
  /** The number of an entry: its value read as a number, 1 for any value, the bytes of its line, or 1 for each. */
  readonly takes: 'number' | 'value' | 'bytes' | 'entry'
  /** Left out: all numbers are taken. */
  readonly accepts?: (number: number) => boolean
  readonly update: (series: Series, number: number) => void
}

/**
 * Metrics go to the registry that `/metrics` shows, with all labels of the entry except those that begin with two
 * underscores. Of two metrics with one name only the last is kept. Values are numbers, bools (1 and 0), and text
 * that is a Go float or a Go duration (seconds); everything else is left out.
 *
 * @example
 * metrics({
 *   metric: [{ variant: 'counter', options: { name: 'lines_total', match_all: true, action: 'inc' } }],
 * })
 */
export const metrics = defineStage({
  name: 'metrics',
  summary: 'Counts entries and extracted values in metrics of your own.',
  fields: { metric: variants({ counter, gauge, histogram }, 'A metric.') },
  explain: { metrics: true },
  create: ({ metric }, ctx): Stage => {
    const own: Context = { ...ctx, metrics: ctx.metrics.with({}) }
    const byName = new Map(metric.map((each) => [each.options.name, each]))
    const records: Recorder[] = []
    // Those that another of the name replaces are checked, too.
    for (const each of metric) {
      checkCommon(each.options)
      if (each.variant === 'counter') checkCounter(each.options)
      else if (each.variant === 'histogram') boundsOf(each.options)
    }
    for (const each of byName.values()) {
      if (each.variant === 'counter') records.push(...counterOf(each.options, own))
      else if (each.variant === 'gauge') records.push(gaugeOf(each.options, own))
      else records.push(histogramOf(each.options, own))
    }
    const rowRecorders = records.map(rowRecorder)
    return {
      run: (entries) => {
        const now = seconds(ctx)
        for (let i = 0; i < entries.length; i++)
          for (let j = 0; j < records.length; j++) recordEntry(records[j]!, entries[i]!, now)
        return entries
      },
      kernel: (columns) => {
        const now = seconds(ctx)
        for (const record of rowRecorders) record(columns, now)
      },
      close: () => own.metrics.close(),
    }
  },
})

function seconds(ctx: Context): number {
  return Math.floor(ctx.clock.now() / 1000)
}

function checkCommon({ name, max_idle_duration }: CommonOptions): void {
  if (max_idle_duration < 1000)
    throw badOption('max_idle_duration', `metric "${name}": max_idle_duration must be at least "1s"`)
}

function register(
  type: 'counter' | 'gauge' | 'histogram',
  { name, prefix, description }: CommonOptions,
  ctx: Context,
  source: SampleSource,
): void {
  ctx.metrics.collect((prefix || DEFAULT_PREFIX) + name, type, description, source, true)
}

/** The series of a metric, bounded: what is left out is counted, and the label that holds too much is named in the log. */
function tableOf(options: CommonOptions, ctx: Context, buckets = 0): SeriesTable {
  const metric = (options.prefix || DEFAULT_PREFIX) + options.name
  const table = new SeriesTable(options.max_idle_duration / 1000, buckets, ({ label, distinct }) =>
    ctx.log.warn(
      `stage.metrics: ${metric} has ${MAX_SERIES} series, new ones are left out: drop the label with the most values before this stage`,
      { metric, label, values: distinct },
    ),
  )
  ctx.metrics.collect(
    'logstream_metrics_over_limit_total',
    'counter',
    `Updates of stage.metrics left out because their metric already had ${MAX_SERIES} series`,
    () => (table.refused === 0 ? [] : [{ labels: { metric }, value: table.refused }]),
  )
  return table
}

/** A metric with one number per series. */
function simpleTable(type: 'counter' | 'gauge', options: CommonOptions, ctx: Context): SeriesTable {
  const table = tableOf(options, ctx)
  register(type, options, ctx, (peek) =>
    table.collect(seconds(ctx), ({ labels, value }) => [{ labels, value }], peek),
  )
  return table
}

// ---- recording ----

function recordEntry(recorder: Recorder, entry: Entry, now: number): void {
  const number = numberIn(recorder, entry)
  if (number === undefined || recorder.accepts?.(number) === false) return
  recorder.update(recorder.table.touch(entry.labels, now), number)
}

function numberIn({ takes, options }: Recorder, entry: Entry): number | undefined {
  if (takes === 'entry') return 1
  if (takes === 'bytes') return Buffer.byteLength(entry.line)
  const value = entry.extracted.get(options.source || options.name)
  if (value === undefined || (options.value !== '' && textOf(value) !== options.value)) return undefined
  return takes === 'value' ? 1 : numberOf(value)
}

/** Records the rows of columns. */
type RowRecorder = (columns: Columns, now: number) => void

function rowRecorder(recorder: Recorder): RowRecorder {
  const { takes, options } = recorder
  if (takes === 'entry') return (columns, now) => countRows(recorder, () => true, columns, now)
  if (takes === 'bytes')
    return (columns, now) => {
      const { starts, ends } = columns
      addRows(recorder, (row) => ends[row]! - starts[row]!, columns, now)
    }
  const reader = new ValueReader(options.source || options.name)
  const wanted = options.value === '' ? undefined : options.value
  if (takes === 'value')
    return (columns, now) => countRows(recorder, reader.begin(columns).test(wanted), columns, now)
  return (columns, now) => addRows(recorder, numbersOf(reader.begin(columns), wanted, columns), columns, now)
}

/** All that is picked counts 1, so that what a label set gets can be added at once. */
function countRows(
  { table, update }: Recorder,
  picks: (row: number) => boolean,
  { rows, count, set, sets }: Columns,
  now: number,
): void {
  const counts = new Int32Array(sets.length)
  // In the order in which entries would come to them, in case there are too many series.
  const counted: number[] = []
  for (let i = 0; i < count; i++) {
    const row = rows[i]!
    if (picks(row) && counts[set[row]!]!++ === 0) counted.push(set[row]!)
  }
  for (const at of counted) update(table.touch(sets[at]!, now, counts[at]), counts[at]!)
}

function addRows(
  { table, accepts, update }: Recorder,
  numberIn: (row: number) => number | undefined,
  columns: Columns,
  now: number,
): void {
  const { rows, count } = columns
  const series = new SeriesColumn(table, columns, now)
  for (let i = 0; i < count; i++) {
    const row = rows[i]!
    const number = numberIn(row)
    if (number === undefined || accepts?.(number) === false) continue
    update(series.touch(row), number)
  }
}

/** The value as a number; with `wanted` only where it is that. */
function numbersOf(
  reader: ValueReader,
  wanted: string | undefined,
  { bytes }: Columns,
): (row: number) => number | undefined {
  const number = (row: number): number | undefined => {
    const short = reader.inBytes(row) ? shortIntegerIn(bytes, reader.from, reader.to) : undefined
    return short ?? numberOf(reader.get(row))
  }
  if (wanted === undefined) return number
  const picks = reader.test(wanted)
  return (row) => (picks(row) ? number(row) : undefined)
}

// ---- counters ----

function checkCounter({ action, match_all, count_entry_bytes, name, value }: CounterOptions): void {
  if (match_all && value !== '')
    throw badOption('value', `counter "${name}": match_all counts every entry: remove it, or value`)
  if (count_entry_bytes && !(match_all && action === 'add'))
    throw badOption(
      'count_entry_bytes',
      `counter "${name}": count_entry_bytes needs match_all = true and action = "add"`,
    )
}

// None where there is nothing to add: Alloy adds nothing then.
function counterOf(options: CounterOptions, ctx: Context): Recorder[] {
  const { action, match_all, count_entry_bytes, name, prefix } = options
  const counter = { options, table: simpleTable('counter', options, ctx), update: add }
  if (action === 'inc') return [{ ...counter, takes: match_all ? 'entry' : 'value' }]
  if (match_all) return count_entry_bytes ? [{ ...counter, takes: 'bytes' }] : []
  // A counter cannot go down. Alloy's process dies of a negative value; here it is left out and counted.
  const refused = ctx.metrics.counters(
    'logstream_metrics_negative_values_total',
    'Negative values that a counter of stage.metrics could not add',
    'metric',
  )
  const accepts = (number: number): boolean => {
    if (number < 0) refused.add((prefix || DEFAULT_PREFIX) + name)
    return !(number < 0)
  }
  return [{ ...counter, takes: 'number', accepts }]
}

function add(series: Series, number: number): void {
  series.value += number
}

// ---- gauges ----

function gaugeOf(options: GaugeOptions, ctx: Context): Recorder {
  const gauge = { options, table: simpleTable('gauge', options, ctx) }
  switch (options.action) {
    case 'inc':
      return { ...gauge, takes: 'value', update: add }
    case 'dec':
      return { ...gauge, takes: 'value', update: subtract }
    case 'add':
      return { ...gauge, takes: 'number', update: add }
    case 'sub':
      return { ...gauge, takes: 'number', update: subtract }
    default:
      return { ...gauge, takes: 'number', update: (series, number) => void (series.value = number) }
  }
}

function subtract(series: Series, number: number): void {
  series.value -= number
}

// ---- histograms ----

function boundsOf({ buckets, name }: HistogramOptions): readonly number[] {
  const bounds = buckets.length === 0 ? DEFAULT_BUCKETS : [...buckets]
  if (bounds.at(-1) === Infinity) bounds.pop()
  const unsorted = bounds.findIndex((bound, i) => i > 0 && !(bound > bounds[i - 1]!))
  if (unsorted > 0)
    throw badOption(
      'buckets',
      `histogram "${name}": buckets must increase, found ${bounds[unsorted]} after ${bounds[unsorted - 1]}`,
    )
  return bounds
}

function histogramOf(options: HistogramOptions, ctx: Context): Recorder {
  const bounds = boundsOf(options)
  const table = tableOf(options, ctx, bounds.length + 1)
  const samples = histogramSamples((options.prefix || DEFAULT_PREFIX) + options.name, bounds)
  register('histogram', options, ctx, (peek) => table.collect(seconds(ctx), samples, peek))
  const update = (series: Series, number: number): void => {
    let at = 0
    while (at < bounds.length && !(number <= bounds[at]!)) at++
    series.buckets[at]!++
    series.count++
    series.value += number
  }
  return { options, table, takes: 'number', update }
}

function histogramSamples(name: string, bounds: readonly number[]): (series: Series) => Sample[] {
  const les = [...bounds.map(formatFloatG), '+Inf']
  const bucket = `${name}_bucket`
  return ({ labels, value, count, buckets }) => {
    let below = 0
    const samples: Sample[] = les.map((le, i) => ({
      name: bucket,
      labels: { ...labels, le },
      value: (below += buckets[i]!),
    }))
    samples.push({ name: `${name}_sum`, labels, value }, { name: `${name}_count`, labels, value: count })
    return samples
  }
}

// ---- values ----

/** `undefined` for anything but a number, a bool, or a string that reads as a Go float or a Go duration. */
function numberOf(value: ExtractedValue | undefined): number | undefined {
  if (typeof value === 'number') return value
  if (typeof value === 'boolean') return value ? 1 : 0
  if (typeof value !== 'string') return undefined
  return shortInteger(value) ?? parseFloat(value) ?? secondsOf(value)
}

// Most values are counts or milliseconds: a few digits need no pattern to be read.
function shortInteger(value: string): number | undefined {
  if (value.length === 0 || value.length > 9) return undefined
  let sum = 0
  for (let i = 0; i < value.length; i++) {
    const digit = value.charCodeAt(i) - 48
    if (digit < 0 || digit > 9) return undefined
    sum = sum * 10 + digit
  }
  return sum
}

// As `shortInteger`, of text that lies in bytes.
function shortIntegerIn(bytes: Buffer, from: number, to: number): number | undefined {
  if (from === to || to - from > 9) return undefined
  let sum = 0
  for (let i = from; i < to; i++) {
    const digit = bytes[i]! - 48
    if (digit < 0 || digit > 9) return undefined
    sum = sum * 10 + digit
  }
  return sum
}

// As Go's Duration.Seconds: whole seconds and the rest apart, so that 1.5h is exactly 5400.
function secondsOf(value: string): number | undefined {
  const ns = parseDuration(value)
  if (ns === undefined) return undefined
  const rest = ns % 1e9
  return (ns - rest) / 1e9 + rest / 1e9
}
