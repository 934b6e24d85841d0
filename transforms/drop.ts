/** `stage.drop`: drops entries by length, age, the line or extracted values. */
import type { Context, EntryStage } from '../lib/component/component.ts'
import { LogstreamError } from '../lib/errors.ts'
import type { Entry } from '../lib/flow/entry.ts'
import type { Columns } from '../lib/flow/columns.ts'
import { textOf, type ExtractedValue } from '../lib/flow/extracted.ts'
import { ValueReader } from '../lib/flow/value-reader.ts'
import { duration, optional, size, text, type OptionsOf } from '../lib/component/fields.ts'
import { badOption, optionalPattern } from '../lib/component/options/pattern.ts'
import { defineStage } from '../lib/component/stage-stream.ts'
import { dropCounter } from '../lib/component/stage.ts'
import { longerThan } from '../lib/go/strings/bytes.ts'

const fields = {
  drop_counter_reason: optional(text, '', 'Reason under which drops are counted; left out: "drop_stage".'),
  source: optional(
    text,
    '',
    'Extracted values, separated by commas (blanks are part of a name); left out: the line.',
  ),
  value: optional(text, '', 'Text that the sources must be exactly; not together with expression.'),
  separator: optional(text, '', 'Joins the values of several sources; left out: ";".'),
  expression: optional(text, '', 'RE2 expression that must match, not anchored.'),
  older_than: optional(duration, 0, 'Drops entries whose timestamp is older than this.'),
  longer_than: optional(size, 0, 'Drops entries whose line has more bytes than this.'),
}

type Options = OptionsOf<typeof fields>
/** What must hold for an entry to be dropped, of entries and of the rows of columns. */
interface Condition {
  readonly each: (entry: Entry) => boolean
  readonly rows: (columns: Columns) => (row: number) => boolean
}

/**
 * Conditions that are given must all hold. A source alone holds when all its names were extracted, whatever their
 * values; with an expression or a value, those that were are joined and compared, and a nil value keeps the entry.
 *
 * @example
 * drop({ source: 'level', value: 'debug', drop_counter_reason: 'debug' })
 */
export const drop = defineStage({
  name: 'drop',
  summary: 'Drops entries by length, age, the line or extracted values.',
  fields,
  create: (options, ctx): EntryStage => {
    check(options)
    const conditions = conditionsOf(options, ctx)
    const dropEntry = dropCounter(ctx, options.drop_counter_reason || 'drop_stage')
    return {
      each: (entry) => {
        for (let i = 0; i < conditions.length; i++) if (!conditions[i]!.each(entry)) return undefined
        return dropEntry()
      },
      kernel: (columns) => {
        const tests = conditions.map(({ rows }) => rows(columns))
        columns.filter((row) => {
          for (let i = 0; i < tests.length; i++) if (!tests[i]!(row)) return true
          ctx.drop(columns.ackOf(row), dropEntry())
          return false
        })
      },
    }
  },
})

function check({ source, value, expression, older_than, longer_than }: Options): void {
  if (source === '' && expression === '' && older_than === 0 && longer_than === 0)
    throw new LogstreamError(
      'BAD_ARGUMENT',
      'nothing says what to drop: set source, expression, older_than or longer_than',
    )
  if (value !== '' && expression !== '')
    throw badOption('value', 'value and expression exclude each other: remove one')
  if (value !== '' && source === '') throw badOption('value', 'value is compared with source: set source')
}

function conditionsOf(options: Options, ctx: Context): Condition[] {
  const { source, older_than, longer_than } = options
  const conditions: Condition[] = []
  if (longer_than !== 0)
    conditions.push({
      each: (entry) => longerThan(entry.line, longer_than),
      rows:
        ({ starts, ends }) =>
        (row) =>
          ends[row]! - starts[row]! > longer_than,
    })
  if (older_than !== 0) conditions.push(olderThan(older_than, ctx))
  const test = textTest(options)
  if (source !== '') conditions.push(sourceCondition(source.split(','), options.separator || ';', test))
  else if (test !== undefined)
    conditions.push({
      each: (entry) => test(entry.line),
      rows: (columns) => (row) => test(columns.line(row)),
    })
  return conditions
}

function textTest({ value, expression }: Options): ((text: string) => boolean) | undefined {
  if (value !== '') return (found) => found === value
  const pattern = optionalPattern('expression', expression)
  return pattern === undefined ? undefined : (found) => pattern.test(found)
}

function olderThan(age: number, ctx: Context): Condition {
  const isOlder = (seconds: number, nanos: number, limit: number): boolean => {
    const whole = Math.floor(limit / 1000)
    return seconds === whole ? nanos < (limit - whole * 1000) * 1e6 : seconds < whole
  }
  return {
    each: ({ seconds, nanos }) => isOlder(seconds, nanos, ctx.clock.now() - age),
    rows: ({ seconds, nanos }) => {
      const limit = ctx.clock.now() - age
      return (row) => isOlder(seconds[row]!, nanos[row]!, limit)
    },
  }
}

/** Without a test all names must have been extracted; otherwise the values of those that were are joined and tested. */
function sourceCondition(
  names: readonly string[],
  separator: string,
  test: ((text: string) => boolean) | undefined,
): Condition {
  const readers = names.map((name) => new ValueReader(name))
  const rows = (holds: (row: number) => boolean) => (columns: Columns) => {
    for (const reader of readers) reader.begin(columns)
    return holds
  }
  if (test === undefined)
    return {
      each: ({ extracted }) => names.every((name) => extracted.has(name)),
      rows: rows((row) => readers.every((reader) => reader.has(row))),
    }
  const joined = (values: readonly (ExtractedValue | undefined)[]): boolean => {
    let text = ''
    let any = false
    for (let i = 0; i < values.length; i++) {
      const value = values[i]
      if (value === undefined) continue
      const found = textOf(value)
      if (found === undefined) return false
      text = any ? text + separator + found : found
      any = true
    }
    return test(text)
  }
  return {
    each: ({ extracted }) => joined(names.map((name) => extracted.get(name))),
    rows: rows((row) => joined(readers.map((reader) => reader.get(row)))),
  }
}
