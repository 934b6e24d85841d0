/** `stage.structured_metadata`: extracted values and labels become structured metadata. */
import type { EntryFn } from '../lib/component/component.ts'
import { textOf } from '../lib/flow/extracted.ts'
import type { Entry } from '../lib/flow/entry.ts'
import { map, optional, text } from '../lib/component/fields.ts'
import { badOption, optionalPattern } from '../lib/component/options/pattern.ts'
import { defineStage } from '../lib/component/stage-stream.ts'
import { validLabelName } from '../lib/formats/label-text.ts'
import type { Regexp } from '../lib/go/regexp/regexp.ts'

type Pair = readonly [name: string, value: string]

/**
 * In this order it takes extracted values by `values`, then by `regex`, labels by `values`, then by `regex`.
 * A label that is taken is removed, and beats an extracted value of the same name. An existing name keeps its
 * place and gets the new value.
 *
 * @example
 * structured_metadata({ values: { trace_id: '', pod: 'kubernetes_pod' } })
 */
export const structured_metadata = defineStage({
  name: 'structured_metadata',
  summary: 'Moves extracted values and labels to structured metadata.',
  fields: {
    values: optional(map(text), new Map(), 'Name to the name of the value or label; "" means the same.'),
    regex: optional(text, '', 'RE2 expression: every extracted value and label whose name matches.'),
  },
  create: ({ values, regex }): EntryFn => {
    const bad = [...values.keys()].find((name) => !validLabelName(name))
    if (bad !== undefined) throw badOption('values', `"${bad}" is not a valid name`)
    const pattern = optionalPattern('regex', regex)
    const pairs: Pair[] = [...values].map(([name, source]) => [name, source || name])
    return (entry) => {
      const taken: Pair[] = []
      takeValues(entry, pairs, taken)
      if (pattern !== undefined) takeMatchingValues(entry, pattern, taken)
      takeLabels(entry, pairs, taken)
      if (pattern !== undefined) takeMatchingLabels(entry, pattern, taken)
      if (taken.length > 0) append(entry, taken)
      return undefined
    }
  },
})

function takeValues({ extracted }: Entry, pairs: readonly Pair[], taken: Pair[]): void {
  for (let i = 0; i < pairs.length; i++) {
    const value = textOf(extracted.get(pairs[i]![1]))
    if (value !== undefined) taken.push([pairs[i]![0], value])
  }
}

function takeMatchingValues({ extracted }: Entry, pattern: Regexp, taken: Pair[]): void {
  for (const [name, extractedValue] of extracted.toMap()) {
    if (!pattern.test(name)) continue
    const value = textOf(extractedValue)
    if (value !== undefined) taken.push([name, value])
  }
}

// Two names may have one label as their source, so labels are removed once all names are done.
function takeLabels(entry: Entry, pairs: readonly Pair[], taken: Pair[]): void {
  const before = entry.labels
  for (let i = 0; i < pairs.length; i++) {
    const [name, source] = pairs[i]!
    const value = before.get(source)
    if (value === undefined) continue
    taken.push([name, value])
    entry.labels = entry.labels.without(source)
  }
}

function takeMatchingLabels(entry: Entry, pattern: Regexp, taken: Pair[]): void {
  const before = entry.labels
  for (let i = 0; i < before.names.length; i++) {
    const name = before.names[i]!
    if (!pattern.test(name)) continue
    taken.push([name, before.values[i]!])
    entry.labels = entry.labels.without(name)
  }
}

function append(entry: Entry, taken: readonly Pair[]): void {
  const metadata = [...entry.structuredMetadata]
  for (const pair of taken) {
    const at = metadata.findIndex(([name]) => name === pair[0])
    if (at < 0) metadata.push(pair)
    else metadata[at] = pair
  }
  entry.structuredMetadata = metadata
}
