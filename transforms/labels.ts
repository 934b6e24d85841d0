/** `stage.labels`: extracted values (or structured metadata) become labels. */
import type { EntryFn, EntryStage } from '../lib/component/component.ts'
import { LogstreamError } from '../lib/errors.ts'
import { textOf } from '../lib/flow/extracted.ts'
import { LabelTransitions } from '../lib/flow/label-transitions.ts'
import type { LabelSet } from '../lib/flow/labels.ts'
import { ValueReader } from '../lib/flow/value-reader.ts'
import { map, nullable, optional, required, text } from '../lib/component/fields.ts'
import { defineStage } from '../lib/component/stage-stream.ts'
import { validLabelName } from '../lib/formats/label-text.ts'

/**
 * A missing or nil value leaves a label as it is; an empty text is a value.
 *
 * @example
 * labels({ values: { level: '', method: 'http_method' } })
 */
export const labels = defineStage({
  name: 'labels',
  summary: 'Sets labels from extracted values or structured metadata.',
  fields: {
    values: required(nullable(map(text)), 'Label name to the name of the value; "" means the same name.'),
    source_type: optional(
      text,
      'extracted',
      'Where the values are looked up: "extracted" or "structured_metadata".',
      ['extracted', 'structured_metadata', 'line', 'label'],
    ),
  },
  create: ({ values, source_type }): EntryFn | EntryStage => {
    if (values === undefined)
      throw new LogstreamError('BAD_ARGUMENT', 'expected a map of label names, found null', {
        option: 'values',
      })
    const names = [...values.keys()]
    const bad = names.find((name) => !validLabelName(name))
    if (bad !== undefined)
      throw new LogstreamError('BAD_ARGUMENT', `"${bad}" is not a valid label name`, { option: 'values' })
    if (source_type === 'line' || source_type === 'label')
      throw new LogstreamError(
        'BAD_ARGUMENT',
        `source_type "${source_type}" has no named values: use "extracted" or "structured_metadata"`,
        {
          option: 'source_type',
        },
      )
    const sources = names.map((name) => values.get(name) || name)
    if (source_type === 'structured_metadata')
      return (entry) => {
        for (let i = 0; i < names.length; i++) {
          const pair = entry.structuredMetadata.find(([name]) => name === sources[i])
          if (pair !== undefined) entry.labels = entry.labels.with(names[i]!, pair[1])
        }
        return undefined
      }
    const change = (labels: LabelSet, texts: readonly (string | undefined)[], once = false): LabelSet => {
      let set = labels
      for (let i = 0; i < names.length; i++) {
        const text = texts[i]
        if (text === undefined) continue
        set = once ? set.withOnce(names[i]!, text) : set.with(names[i]!, text)
      }
      return set
    }
    // One array for all entries: it is used up before the next one.
    const found: (string | undefined)[] = []
    const transitions = new LabelTransitions(
      sources.map((source) => new ValueReader(source)),
      // The transitions are the way to it.
      (from, texts) => change(from, texts, true),
    )
    return {
      each: (entry) => {
        const { extracted } = entry
        for (let i = 0; i < sources.length; i++) found[i] = textOf(extracted.get(sources[i]!))
        entry.labels = change(entry.labels, found)
        return undefined
      },
      kernel: (columns) => transitions.apply(columns),
    }
  },
})
