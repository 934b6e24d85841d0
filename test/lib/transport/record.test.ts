/** Records on disk: what goes in comes out, and nothing else is taken for one. */
import assert from 'node:assert/strict'
import fc from 'fast-check'
import t from 'tap'
import { formatRecord, parseRecord, type LogRecord } from '../../../lib/transport/record.ts'
import { anyText } from '../../support/any-text.ts'

const text = anyText({ maxLength: 30 })
const record: fc.Arbitrary<LogRecord> = fc.record(
  {
    time: fc.nat(),
    nanos: fc.nat(999_999),
    labels: fc.dictionary(text, text, { noNullPrototype: true }),
    line: text,
    metadata: fc.array(fc.tuple(text, text), { maxLength: 3 }),
  },
  { noNullPrototype: true },
)

void t.test('a record is one line, and comes back as it was', (tap) => {
  fc.assert(
    fc.property(record, (given) => {
      const line = formatRecord(given)
      assert.equal(line.indexOf('\n'), line.length - 1)
      assert.deepEqual(parseRecord(line.slice(0, -1)), given)
    }),
  )
  tap.pass('for any texts')
  tap.end()
})

void t.test('anything else is no record, a part of one included', (tap) => {
  fc.assert(
    fc.property(record, fc.nat(), (given, cut) => {
      const line = formatRecord(given).slice(0, -1)
      assert.equal(parseRecord(line.slice(0, cut % line.length)), undefined)
    }),
  )
  fc.assert(fc.property(fc.json(), (json) => parseRecord(json) === undefined))
  for (const odd of ['[1,2,{"a":1},"x",[]]', '[1,2,[],"x",[]]', '[1,2,null,"x",[]]', '[1,2,{},"x",[["a"]]]'])
    tap.equal(parseRecord(odd), undefined, odd)
  tap.end()
})
