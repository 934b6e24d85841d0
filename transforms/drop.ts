/** `stage.drop`: drops entries by length, age, the line or extracted values. */
import type { Context, EntryFn } from '../lib/component/component.ts'
import { LogstreamError } from '../lib/errors.ts'
import type { Entry } from '../lib/flow/entry.ts'
import { textOf } from '../lib/flow/extracted.ts'
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
type Condition = (entry: Entry) => boolean

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
  create: (options, ctx): EntryFn => {
    check(options)
    const conditions = conditionsOf(options, ctx)
    const dropEntry = dropCounter(ctx, options.drop_counter_reason || 'drop_stage')
    return (entry) => {
      for (let i = 0; i < conditions.length; i++) if (!conditions[i]!(entry)) return undefined
      return dropEntry()
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
  if (longer_than !== 0) conditions.push((entry) => longerThan(entry.line, longer_than))
  if (older_than !== 0) conditions.push(olderThan(older_than, ctx))
  const test = textTest(options)
  if (source === '') {
    if (test !== undefined) conditions.push((entry) => test(entry.line))
    return conditions
  }
  const names = source.split(',')
  if (test === undefined) conditions.push((entry) => names.every((name) => entry.extracted.has(name)))
  else conditions.push(joinedTest(names, options.separator || ';', test))
  return conditions
}

function textTest({ value, expression }: Options): ((text: string) => boolean) | undefined {
  if (value !== '') return (found) => found === value
  const pattern = optionalPattern('expression', expression)
  return pattern === undefined ? undefined : (found) => pattern.test(found)
}

function olderThan(age: number, ctx: Context): Condition {
  return (entry) => {
    const limit = ctx.clock.now() - age
    const seconds = Math.floor(limit / 1000)
    if (entry.seconds !== seconds) return entry.seconds < seconds
    return entry.nanos < (limit - seconds * 1000) * 1e6
  }
}

function joinedTest(names: readonly string[], separator: string, test: (text: string) => boolean): Condition {
  return ({ extracted }) => {
    let joined = ''
    let any = false
    for (let i = 0; i < names.length; i++) {
      const value = extracted.get(names[i]!)
      if (value === undefined) continue
      const found = textOf(value)
      if (found === undefined) return false
      joined = any ? joined + separator + found : found
      any = true
    }
    return test(joined)
  }
}
