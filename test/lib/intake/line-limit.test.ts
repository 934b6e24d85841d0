import fc from 'fast-check'
import t from 'tap'
import { isTooLong, partMark, partsOf } from '../../../lib/intake/line-limit.ts'

void t.test('a line is measured in bytes of UTF-8', async (t) => {
  t.equal(isTooLong('abcd', 4), false)
  t.equal(isTooLong('abcde', 4), true)
  t.equal(isTooLong('€a', 4), false)
  t.equal(isTooLong('€é', 4), true)
})

void t.test('parts are as long as the limit lets them be, and end between characters', async (t) => {
  t.strictSame(partsOf('abcdefghij', 4), ['abcd', 'efgh', 'ij'])
  t.strictSame(partsOf('abc😀d', 4), ['abc', '😀', 'd'])
  t.strictSame(partMark(2), [['logstream_line_part', '2']])
})

void t.test('parts make up the line, and none is too long', async () => {
  const text = fc.string({ unit: fc.constantFrom('a', 'é', '€', '😀'), minLength: 1 })
  fc.assert(
    fc.property(text, fc.integer({ min: 4, max: 12 }), (line, limit) => {
      const parts = partsOf(line, limit)
      return parts.join('') === line && parts.every((part) => part !== '' && !isTooLong(part, limit))
    }),
  )
})
