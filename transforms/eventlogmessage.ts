/** `stage.eventlogmessage`: the `Key: value` lines of a Windows event's message become extracted values. */
import type { EntryFn } from '../lib/component/component.ts'
import { textOf, type Extracted } from '../lib/flow/extracted.ts'
import { flag, optional, text } from '../lib/component/fields.ts'
import { dropped } from '../lib/flow/outcome.ts'
import { badOption } from '../lib/component/options/pattern.ts'
import { defineStage } from '../lib/component/stage-stream.ts'
import { trimSpace } from '../lib/go/strings/space.ts'
import { validLegacyLabelName } from '../lib/telemetry/classic-names.ts'

/**
 * Lines end with CRLF; those without a colon are left out. Labels are among the extracted values, so they count as
 * keys that exist. A source that is nil drops the entry, as in Alloy (without a counter there, too).
 *
 * @example
 * eventlogmessage({ source: 'message', overwrite_existing: true })
 */
export const eventlogmessage = defineStage({
  name: 'eventlogmessage',
  summary: "Extracts the key: value lines of a Windows event's message.",
  fields: {
    source: optional(text, 'message', 'Extracted value that holds the message.'),
    drop_invalid_labels: optional(
      flag,
      false,
      'Leaves out keys that are not valid label names; otherwise their letters become "_".',
    ),
    overwrite_existing: optional(
      flag,
      false,
      'Overwrites values of the same name; otherwise the key gets the suffix "_extracted".',
    ),
  },
  create: ({ source, drop_invalid_labels, overwrite_existing }): EntryFn => {
    if (!validLegacyLabelName(source))
      throw badOption('source', `"${source}" is not a name: expected letters, digits and underscores`)
    const noText = dropped('eventlogmessage_no_text')
    return ({ extracted }) => {
      const value = extracted.get(source)
      if (value === undefined) return undefined
      const message = textOf(value)
      if (message === undefined) return noText
      for (const line of message.split('\r\n')) {
        const colon = line.indexOf(':')
        if (colon < 0) continue
        const key = keyOf(line.slice(0, colon), drop_invalid_labels)
        if (key !== undefined) put(extracted, key, trimSpace(line.slice(colon + 1)), overwrite_existing)
      }
      return undefined
    }
  },
})

function keyOf(key: string, dropInvalid: boolean): string | undefined {
  if (validLegacyLabelName(key)) return key
  return dropInvalid ? undefined : sanitized(key)
}

/** Every character that a label name cannot have becomes an underscore. */
function sanitized(key: string): string {
  return key === '' ? '_' : key.replaceAll(/[^a-zA-Z0-9_]/gu, '_').replace(/^\d/, '_')
}

function put(extracted: Extracted, key: string, value: string, overwrite: boolean): void {
  extracted.set(!overwrite && extracted.has(key) ? `${key}_extracted` : key, value)
}
