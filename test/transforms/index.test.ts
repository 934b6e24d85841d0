import t from 'tap'
import { Duplex } from 'node:stream'
import * as stages from '../../transforms/index.ts'
import { label_drop } from '../../transforms/label_drop.ts'

void t.test('every stage is listed under its own name, with words for the reference', (t) => {
  for (const [name, { definition }] of Object.entries(stages)) {
    t.equal(definition.name, name)
    t.match(definition.summary, /^[A-Z].*\.$/, `${name}: a sentence`)
    for (const [option, field] of Object.entries(definition.fields))
      t.ok(field.doc.length > 0, `${name}: ${option} is described`)
  }
  t.end()
})

void t.test('a stage is a Transform of its own, and takes lines of text', async (t) => {
  const stream = label_drop({ values: ['a'] })
  t.type(stream, Duplex)
  stream.end('one line')
  t.equal((await stream.toArray()).length, 1)
})
