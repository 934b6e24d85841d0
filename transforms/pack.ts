/** `stage.pack`: extracted values and the line become one JSON text. */
import type { EntryFn } from '../lib/component/component.ts'
import { textOf } from '../lib/flow/extracted.ts'
import { flag, list, optional, required, text } from '../lib/component/fields.ts'
import { defineStage } from '../lib/component/stage-stream.ts'
import { Stamps } from '../lib/flow/clock.ts'
import { jsonString } from '../lib/go/json/writer.ts'

/**
 * Of each listed name the extracted value (labels are among them, with the value that they came with) goes into the
 * text, and a label of that name is removed. Names are sorted; the line stands last, as `_entry`, which LogQL's
 * `unpack` reads.
 *
 * @example
 * pack({ labels: ['pod', 'container'], ingest_timestamp: false })
 */
export const pack = defineStage({
  name: 'pack',
  summary: 'Packs extracted values and the line into a JSON text, for LogQL unpack.',
  fields: {
    labels: required(list(text), 'Names of the labels and extracted values to pack.'),
    ingest_timestamp: optional(flag, true, 'Sets the timestamp to the present.'),
  },
  create: ({ labels, ingest_timestamp }, ctx): EntryFn => {
    const names = [...new Set(labels)].sort(byteOrder)
    const keys = names.map((name) => jsonString(name, 'iterator'))
    const stamps = new Stamps(ctx.clock)
    return (entry) => {
      const { extracted } = entry
      let packed = '{'
      for (let i = 0; i < names.length; i++) {
        const value = textOf(extracted.get(names[i]!))
        if (value === undefined) continue
        packed += `${keys[i]!}:${jsonString(value, 'iterator')},`
        entry.labels = entry.labels.without(names[i]!)
      }
      entry.line = `${packed}"_entry":${jsonString(entry.line, 'iterator')}}`
      if (ingest_timestamp) {
        stamps.refresh()
        stamps.next()
        entry.seconds = stamps.seconds
        entry.nanos = stamps.nanos
      }
      return undefined
    }
  },
})

function byteOrder(a: string, b: string): number {
  return Buffer.compare(Buffer.from(a), Buffer.from(b))
}
