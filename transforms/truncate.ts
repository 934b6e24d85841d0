/** `stage.truncate`: cuts lines, labels, structured metadata and extracted values to a length in bytes. */
import type { EntryFn } from '../lib/component/component.ts'
import type { Entry } from '../lib/flow/entry.ts'
import { blocks, list, optional, required, size, text, type OptionsOf } from '../lib/component/fields.ts'
import { badOption } from '../lib/component/options/pattern.ts'
import { defineStage } from '../lib/component/stage-stream.ts'
import { cutBytes, longerThan } from '../lib/go/strings/bytes.ts'

const ruleFields = {
  limit: required(size, 'Most bytes that are left, with the suffix.'),
  suffix: optional(text, '', 'Text appended to what was cut.'),
  sources: optional(list(text), [], 'Names of the fields to cut; left out: all. Not for lines.'),
  source_type: optional(text, 'line', 'What is cut: "line", "label", "structured_metadata" or "extracted".', [
    'line',
    'label',
    'structured_metadata',
    'extracted',
  ]),
}

/** Applies a rule; returns whether anything was too long. Calls `count` for each field that was. */
type Rule = (entry: Entry, count: () => void) => void

/**
 * Rules run in order. The kinds of fields that were cut are noted in the extracted value `truncated`, sorted and
 * joined by commas. Of the extracted values only strings are cut.
 *
 * @example
 * truncate({ rule: [{ limit: '16KiB', suffix: '...' }] })
 */
export const truncate = defineStage({
  name: 'truncate',
  summary: 'Cuts lines, labels, structured metadata and extracted values to a length in bytes.',
  fields: { rule: blocks(ruleFields, 'What to cut, and where.', { required: true }) },
  create: ({ rule }, ctx): EntryFn => {
    const cuts = ctx.metrics.counters(
      'loki_process_truncated_fields_total',
      'A count of all log lines, labels, extracted values, or structured_metadata truncated as a result of a pipeline stage',
      'field',
    )
    let current = ''
    // What the value `truncated` of the entry names.
    const cut = new Set<string>()
    const count = (): void => {
      cuts.add(current)
      cut.add(current)
    }
    const kinds = rule.map(({ source_type }) => source_type)
    const rules = rule.map(ruleOf)
    return (entry) => {
      if (cut.size > 0) cut.clear()
      for (let i = 0; i < rules.length; i++) {
        current = kinds[i]!
        rules[i]!(entry, count)
        if (cut.size > 0) note(entry, cut)
      }
      return undefined
    }
  },
})

/** After each rule, all kinds cut so far, and what the value names: a rule may have cut it. */
function note({ extracted }: Entry, cut: Set<string>): void {
  const before = extracted.get('truncated')
  if (typeof before === 'string') for (const kind of before.split(',')) cut.add(kind)
  extracted.set('truncated', [...cut].sort().join(','))
}

function ruleOf({ limit, suffix, sources, source_type }: OptionsOf<typeof ruleFields>): Rule {
  const left = limit - Buffer.byteLength(suffix)
  if (limit <= 0) throw badOption('limit', `limit must be more than 0 bytes, found ${limit}`)
  if (left <= 0)
    throw badOption('suffix', `suffix is not shorter than limit (${limit} bytes): shorten it or raise limit`)
  if (source_type === 'line' && sources.length > 0)
    throw badOption('sources', 'sources names fields, but a line has none: remove it or change source_type')
  const names = sources.length > 0 ? new Set(sources) : undefined
  const cut = (value: string): string => cutBytes(value, left) + suffix
  switch (source_type) {
    case 'label':
      return labelRule(names, left, cut)
    case 'structured_metadata':
      return metadataRule(names, left, cut)
    case 'extracted':
      return extractedRule(names, left, cut)
    default:
      return (entry, count) => {
        if (!longerThan(entry.line, left)) return
        entry.line = cut(entry.line)
        count()
      }
  }
}

type Cut = (value: string) => string

function labelRule(names: ReadonlySet<string> | undefined, left: number, cut: Cut): Rule {
  return (entry, count) => {
    const before = entry.labels
    for (let i = 0; i < before.names.length; i++) {
      const name = before.names[i]!
      const value = before.values[i]!
      if (!longerThan(value, left) || names?.has(name) === false) continue
      entry.labels = entry.labels.with(name, cut(value))
      count()
    }
  }
}

function metadataRule(names: ReadonlySet<string> | undefined, left: number, cut: Cut): Rule {
  const tooLong = ([name, value]: readonly [string, string]): boolean =>
    longerThan(value, left) && names?.has(name) !== false
  return (entry, count) => {
    if (!entry.structuredMetadata.some(tooLong)) return
    entry.structuredMetadata = entry.structuredMetadata.map((pair) => {
      if (!tooLong(pair)) return pair
      count()
      return [pair[0], cut(pair[1])]
    })
  }
}

function extractedRule(names: ReadonlySet<string> | undefined, left: number, cut: Cut): Rule {
  return ({ extracted }, count) => {
    for (const name of names ?? extracted.toMap().keys()) {
      const value = extracted.get(name)
      if (typeof value !== 'string' || !longerThan(value, left)) continue
      extracted.set(name, cut(value))
      count()
    }
  }
}
