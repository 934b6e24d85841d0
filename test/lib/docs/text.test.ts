import t from 'tap'
import type { BlockReference, Reference } from '../../../lib/docs/reference.ts'
import { allowedText, blockNotes, listText, notesOf, referenceText } from '../../../lib/docs/text.ts'

const inner: BlockReference = {
  name: 'inner',
  required: true,
  repeated: true,
  labelled: true,
  extension: true,
  doc: 'A block.',
  body: {
    attributes: [
      { name: 'mode', type: 'string', required: false, default: '"a"', allowed: ['a', 'b'], doc: 'How.' },
    ],
    blocks: [],
  },
}
const reference: Reference = {
  kind: 'component',
  name: 'loki.x',
  summary: 'Does something that takes quite some words to be told in full, more than one line.',
  stability: 'experimental',
  extension: true,
  labelled: true,
  exports: [{ name: 'receiver', doc: 'Takes entries.' }],
  body: {
    attributes: [
      { name: 'url', type: 'string', required: true, default: undefined, allowed: [], doc: 'Where.' },
      { name: 'source', type: 'string', required: false, default: undefined, allowed: [], doc: 'What.' },
    ],
    blocks: [inner],
  },
}

void t.test('all of one thing, wrapped to the terminal', (tap) => {
  tap.equal(
    referenceText(reference, { colour: false, width: 50 }),
    `loki.x "LABEL"  component, experimental, extension: Alloy does not have it
Does something that takes quite some words to be
told in full, more than one line.

Arguments
  url  string  required
      Where.
  source  string
      What.

Blocks
  inner "LABEL" { ... }  required, any number, extension
      A block.
      Arguments
        mode  string  = "a"
            How.
            One of "a", "b".

Exports
  receiver  Takes entries.
`,
  )
  tap.match(referenceText(reference, { colour: true, width: 80 }), '\u001b[1mloki.x\u001b[22m')
  tap.end()
})

void t.test('the list', (tap) => {
  const stage: Reference = { ...reference, kind: 'stage', name: 'stage.longer', summary: 'Short.' }
  tap.equal(
    listText([reference, stage], [], { colour: false, width: 60 }),
    `Components
  loki.x        Does something that takes quite some words
                to be told in full, more than one line.

Stages of loki.process
  stage.longer  Short.

Blocks

See one in full: logstream docs NAME
`,
  )
  tap.end()
})

void t.test('notes', (tap) => {
  tap.same(notesOf({ ...reference, extension: false, kind: 'stage' }), ['stage', 'experimental'])
  tap.same(blockNotes({ ...inner, required: false, repeated: false, extension: false }), [])
  tap.equal(allowedText(['', 'a']), '"", "a"')
  tap.end()
})
