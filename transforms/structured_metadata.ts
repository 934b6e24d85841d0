/** `stage.structured_metadata`: extracted values and labels become structured metadata. */
import type { EntryFn, EntryStage, Kernel } from '../lib/component/component.ts'
import type { Cells } from '../lib/flow/cells.ts'
import { shapeOf, textOf } from '../lib/flow/extracted.ts'
import { emptyColumn } from '../lib/flow/columns.ts'
import { NO_METADATA, type Entry, type StructuredMetadata } from '../lib/flow/entry.ts'
import { ValueReader } from '../lib/flow/value-reader.ts'
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
  create: ({ values, regex }): EntryFn | EntryStage => {
    const bad = [...values.keys()].find((name) => !validLabelName(name))
    if (bad !== undefined) throw badOption('values', `"${bad}" is not a valid name`)
    const pattern = optionalPattern('regex', regex)
    const pairs: Pair[] = [...values].map(([name, source]) => [name, source || name])
    const each: EntryFn = (entry) => {
      const taken: Pair[] = []
      takeValues(entry, pairs, taken)
      if (pattern !== undefined) takeMatchingValues(entry, pattern, taken)
      takeLabels(entry, pairs, taken)
      if (pattern !== undefined) takeMatchingLabels(entry, pattern, taken)
      if (taken.length > 0) entry.structuredMetadata = appended(entry.structuredMetadata, taken)
      return undefined
    }
    return pattern === undefined ? { each, kernel: kernelOf(pairs) } : each
  },
})

function kernelOf(pairs: readonly Pair[]): Kernel {
  const readers = pairs.map(([, source]) => new ValueReader(source))
  const shape = shapeOf(pairs.map(([name]) => name))
  return (columns) => {
    const { rows, count } = columns
    for (const reader of readers) reader.begin(columns)
    // Once there is metadata, names may have to be replaced.
    const isFirst = columns.metadata === undefined && columns.metadataCells === undefined
    const cells = isFirst ? (columns.metadataCells = columns.newCells(shape)) : undefined
    // What the labels say, and what is left of them, by set.
    const fromLabels = columns.sets.map((labels) =>
      pairs.flatMap(([name, source]): Pair[] => (labels.has(source) ? [[name, labels.get(source)!]] : [])),
    )
    for (let i = 0; i < count; i++) {
      const row = rows[i]!
      const labels = fromLabels[columns.set[row]!]!
      if (cells !== undefined && labels.length === 0 && fillSpans(cells, row, readers)) continue
      const taken: Pair[] = []
      for (let k = 0; k < readers.length; k++) {
        const value = readers[k]!.text(row)
        if (value !== undefined) taken.push([pairs[k]![0], value])
      }
      for (const pair of labels) taken.push(pair)
      if (taken.length === 0) continue
      const before = columns.metadataOf(row)
      columns.metadata ??= emptyColumn(columns.size)
      // Values alone have a name each.
      columns.metadata[row] =
        before === undefined && labels.length === 0 ? taken : appended(before ?? NO_METADATA, taken)
    }
    columns.relabel((labels) => pairs.reduce((set, [, source]) => set.without(source), labels))
  }
}

// Returns `false` where some value isn't in the bytes.
function fillSpans(cells: Cells, row: number, readers: readonly ValueReader[]): boolean {
  let any = 0
  for (let k = 0; k < readers.length; k++) {
    const reader = readers[k]!
    if (reader.inBytes(row)) {
      cells.setSpan(row, k, reader.from, reader.to)
      any = 1
    } else if (reader.text(row) === undefined) cells.set(row, k, undefined)
    else return false
  }
  cells.filled[row] = any
  return true
}

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

function appended(before: StructuredMetadata, taken: readonly Pair[]): StructuredMetadata {
  const metadata = [...before]
  for (const pair of taken) {
    const at = metadata.findIndex(([name]) => name === pair[0])
    if (at < 0) metadata.push(pair)
    else metadata[at] = pair
  }
  return metadata
}
