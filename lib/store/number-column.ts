/** A number that DuckDB takes out of lines by itself: a double comes here instead of a line, and DuckDB uses several threads. */
import { patternParts } from '../formats/pattern.ts'
import type { NumberField } from '../logql/engine/querier.ts'
import type { Conditions } from './conditions.ts'
import { literal } from './database.ts'
import { LEVEL_LABEL } from './levels.ts'
import { BEFORE_LONG } from './long-texts.ts'
import type { LogStore } from './store.ts'

/** SQL for a number as text, or for something that isn't one, and for when it's the number that LogQL's parser finds. */
interface Found {
  readonly text: string
  readonly holds: readonly string[]
}

/**
 * A query for stream_id, ts, line and the number, of a table without structured metadata: the line is empty where there is
 * a number, and the number is NaN where the line has to be read. `undefined` where the streams or the field don't allow it.
 */
export function numberSql(
  store: LogStore,
  { ids }: Conditions,
  field: NumberField | undefined,
): ((table: string) => string) | undefined {
  // Names of other shapes aren't worth the thought; the level is metadata.
  if (field === undefined || field.name === LEVEL_LABEL || !/^[a-zA-Z]\w*$/.test(field.name)) return undefined
  const found = field.parser.kind === 'json' ? inJson(field) : inPattern(field, field.parser.pattern)
  if (found === undefined) return undefined
  for (const { id, labels } of store.streams.values())
    if (ids?.has(id) !== false && (labels.has(field.name) || !field.others.every((name) => labels.has(name))))
      return undefined
  // Streams that come while it's running weren't looked at.
  const holds = [`stream_id < ${store.streams.nextId}`, ...found.holds].join(' AND ')
  return (table) =>
    `SELECT stream_id, ts, CASE WHEN isfinite(n) THEN '' ELSE line END, CASE WHEN isfinite(n) THEN n ELSE 'NaN' END FROM (` +
    `SELECT stream_id, ts, line, CASE WHEN ${holds} THEN TRY_CAST(x AS DOUBLE) END AS n FROM (` +
    `SELECT stream_id, ts, line, ${found.text} AS x FROM ${table}))`
}

/** In JSON for DuckDB, a mistake for LogQL. */
const NOT_A_NUMBER = String.raw`[\s+-]*(?i:nan|inf|infinity)[\s,}\]]`

/** SQL for lines that don't match a regexp which needs `text`. With NOT (… AND …) instead of CASE, DuckDB matches every line. */
function withoutMatch(text: string, regexp: string): string {
  return `CASE WHEN contains(line, '${text}') THEN NOT regexp_matches(line, '${regexp}') ELSE true END`
}

/**
 * DuckDB's reader is stricter than LogQL's, but for numbers such as NaN. In a line that has the name once, and nothing
 * escaped, no other key becomes the same label.
 */
function inJson({ name, absent }: NumberField): Found {
  // TRY would cost 40 µs where a line isn't JSON, and 7 µs for each of the lines around it; to read it twice costs 0.2 µs.
  const text = `CASE WHEN json_valid(line) THEN json_extract(line, '$."${name}"') END::VARCHAR`
  const holds = [
    'x IS NOT NULL',
    String.raw`NOT contains(line, '\')`,
    // `_` is any letter here, and any that labels can't have becomes `_`.
    `line NOT LIKE '%${name}%${name}%'`,
    // The label of a key in an object is that of the object, `_` and its own.
    ...(name.includes('_') || absent.length > 0 ? [`line NOT LIKE '%{%{%'`] : []),
    ...absent.map((each) => {
      const key = String.raw`${each.replaceAll('_', '[^a-zA-Z0-9]')}\s*"\s*:`
      return withoutMatch(/[a-z]+/.exec(each)![0], key)
    }),
    // DuckDB reads -0 as 0.
    `NOT (x = '0' AND contains(line, '-0'))`,
    // The search for one letter first takes half the time of that for several.
    `NOT regexp_matches(line, ':${NOT_A_NUMBER}')`,
    withoutMatch('[', String.raw`[\[,]${NOT_A_NUMBER}`),
  ]
  return { text, holds }
}

/** Up to 15 digits, which a double holds and writes as they are; no zero first, so that -0 is left out. */
const PLAIN = String.raw`0(?:\.[0-9]{1,6})?|-?[1-9][0-9]{0,14}(?:\.[0-9]{1,6})?`
const MOST_LETTERS = 16

/** What can't be in a number, nor needs more than a backslash in a regular expression. */
const SEPARATOR = /^[\t -,/:-@[-^`{-~]$/
const ASCII = /^[\t -~]*$/

/** Each literal must be a single letter: a regular expression that finds longer ones takes longer than to read lines here. */
function inPattern({ name, absent }: NumberField, pattern: string): Found | undefined {
  const { start, steps } = patternParts(pattern)
  const at = steps.findIndex((step) => step.name === name)
  const untils = steps.slice(0, at + 1).map(({ until }) => until)
  if (absent.length > 0 || !untils.every((until) => SEPARATOR.test(until)) || !ASCII.test(start))
    return undefined
  const [until = ''] = untils
  const fits = [`strlen(x) BETWEEN 1 AND ${MOST_LETTERS}`, BEFORE_LONG]
  // Half the time of the regular expression. In a line that ends with it, the last part is the capture, too.
  if (start === '' && untils.every((each) => each === until))
    return {
      text: `split_part(line, ${literal(until)}, ${untils.length})`,
      holds: [...fits, `regexp_full_match(x, '${PLAIN}')`],
    }
  const escaped = (text: string): string => text.replaceAll(/[^\w\s]/gu, String.raw`\$&`)
  const before = untils.slice(0, -1).map((each) => `[^${escaped(each)}]*${escaped(each)}`)
  const regexp = `(?s)^${escaped(start)}${before.join('')}(${PLAIN})${escaped(untils.at(-1)!)}`
  return { text: `regexp_extract(line, ${literal(regexp)}, 1)`, holds: fits }
}
