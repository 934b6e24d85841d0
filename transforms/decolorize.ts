/** `stage.decolorize`: removes colours and other terminal sequences from the line. */
import type { EntryFn } from '../lib/component.ts'
import { defineStage } from '../lib/stage-stream.ts'
import { compile } from '../lib/text/regexp.ts'

/** Escape sequences as terminals take them: those that end in a letter, and titles, which end in BEL. */
const SEQUENCE = [
  '[\\x1b\\x{9b}][\\[\\]()#;?]*',
  '(?:(?:(?:[a-zA-Z\\d]*(?:;[a-zA-Z\\d]*)*)?\\x07)',
  '|(?:(?:\\d{1,4}(?:;\\d{0,4})*)?[\\dA-PRZcf-ntqry=><~]))',
].join('')

/**
 * @example
 * decolorize({})
 */
export const decolorize = defineStage({
  name: 'decolorize',
  summary: 'Removes ANSI colours and other terminal sequences from the line.',
  fields: {},
  create: (): EntryFn => {
    const pattern = compile(SEQUENCE)
    return (entry) => {
      const { line } = entry
      if (line.includes('\x1b') || line.includes('\x9b')) entry.line = pattern.replaceAllLiteral(line, '')
      return undefined
    }
  },
})
