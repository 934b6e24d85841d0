/** `stage.decolorize`: removes colours and other terminal sequences from the line. */
import type { EntryFn } from '../lib/component/component.ts'
import { defineStage } from '../lib/component/stage-stream.ts'
import { compile } from '../lib/go/regexp/regexp.ts'

/** What begins a sequence: ESC or CSI, and the marks that follow it in some. */
const START = '[\\x1b\\x{9b}][\\[\\]()#;?]*'
/** Window titles and the like: parameters, then BEL. */
const TITLE = '[a-zA-Z\\d;]*\\x07'
/** Colours, cursor moves and modes: numbers of up to four digits, then one of the letters that Alloy knows. */
const COMMAND = '(?:\\d{1,4}(?:;\\d{0,4})*)?[\\dA-PRZcf-nqrty=><~]'

const SEQUENCE = `${START}(?:${TITLE}|${COMMAND})`

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
