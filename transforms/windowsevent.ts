/** `stage.windowsevent`: the sections of a Windows event's message become extracted values. */
import type { EntryFn } from '../lib/component/component.ts'
import { textOf, type Extracted } from '../lib/flow/extracted.ts'
import { flag, optional, text } from '../lib/component/fields.ts'
import { dropped } from '../lib/flow/outcome.ts'
import { badOption } from '../lib/component/options/pattern.ts'
import { defineStage } from '../lib/component/stage-stream.ts'
import { trimSpace } from '../lib/go/strings/space.ts'
import { validLabelName } from '../lib/formats/label-text.ts'

/** Called with each key and value as written in the message. */
type Put = (key: string, value: string) => void

/**
 * Sections are parted by blank lines (CRLF). The first becomes `Description`. In the others, `Key: value` lines are
 * extracted without the blanks of the key; a title without a value goes in front of the keys of its section
 * (`Subject_AccountName`), and lines without a colon continue the value before, with a comma.
 *
 * @example
 * windowsevent({ source: 'message' })
 */
export const windowsevent = defineStage({
  name: 'windowsevent',
  summary: "Extracts the sections and keys of a Windows event's message.",
  fields: {
    source: optional(text, 'message', 'Extracted value that holds the message.'),
    drop_invalid_labels: optional(
      flag,
      false,
      'Leaves out keys that are not valid label names; otherwise they are renamed.',
    ),
    overwrite_existing: optional(
      flag,
      false,
      'Overwrites values of the same name; otherwise the key gets the suffix "_extracted".',
    ),
  },
  create: ({ source, drop_invalid_labels, overwrite_existing }): EntryFn => {
    if (!validLabelName(source))
      throw badOption('source', `"${source}" is not a valid name for an extracted value`)
    const noText = dropped('windowsevent_no_text')
    return ({ extracted }) => {
      const value = extracted.get(source)
      if (value === undefined) return undefined
      const message = textOf(value)
      if (message === undefined) return noText
      readMessage(message, putInto(extracted, drop_invalid_labels, overwrite_existing))
      return undefined
    }
  },
})

function putInto(extracted: Extracted, dropInvalid: boolean, overwrite: boolean): Put {
  return (written, value) => {
    let key = written.replaceAll(/[\t\r\n ]/g, '')
    if (!validLabelName(key)) {
      if (dropInvalid) return
      // Nearly every text is a label name; what is left is the empty one.
      key = '_'
    }
    if (!overwrite && extracted.has(key)) key += '_extracted'
    extracted.set(key, trimSpace(value.replaceAll(/[\t\r\n]/g, '')))
  }
}

// message = description { blank line section }
function readMessage(message: string, put: Put): void {
  const [description = '', ...sections] = message.split('\r\n\r\n')
  put('Description', description)
  for (const section of sections) readSection(section.split('\r\n'), put)
}

// section = [ title ":" ] { key ":" value { continuation } }
function readSection(lines: readonly string[], put: Put): void {
  let prefix = ''
  for (let i = 0; i < lines.length;) {
    const line = lines[i++]!
    const colon = line.indexOf(':')
    if (colon < 0) continue
    const key = line.slice(0, colon)
    let value = line.slice(colon + 1)
    if (value === '') {
      if (i === 1) prefix = `${key}_`
      continue
    }
    while (i < lines.length && lines[i] !== '' && !lines[i]!.includes(':')) value += `,${lines[i++]!}`
    put(prefix === '_' ? key : prefix + key, value)
  }
}
