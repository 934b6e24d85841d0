/** Numbers of logs in bytes: as they are read in text, or not at all. */
import t from 'tap'
import fc from 'fast-check'
import { plainNumber } from '../../../../lib/logql/stages/plain-number.ts'
import { convertNumber } from '../../../../lib/logql/stages/units.ts'

const read = (text: string): number => plainNumber(Buffer.from(`1${text}1`), 1, text.length + 1)

void t.test('plain numbers', (t) => {
  for (const text of [
    '0',
    '-0',
    '407',
    '007',
    '-3.25',
    '0.1',
    '123456789012345',
    '9.007199254740991'.slice(0, 16),
  ])
    t.equal(read(text), Number(text), text)
  for (const text of ['', '-', '.', '5.', '.5', '1e3', '0x1', 'NaN', '1.2.3', '--1', '1234567890123456'])
    t.ok(Number.isNaN(read(text)), text)
  t.end()
})

void t.test('the same as text', (t) => {
  const text = fc.array(fc.constantFrom(...'0123456789.-'), { maxLength: 17 }).map((all) => all.join(''))
  fc.assert(
    fc.property(fc.oneof(text, fc.double({ noNaN: true }).map(String)), (drawn) => {
      const value = read(drawn)
      if (!Number.isNaN(value)) t.same(convertNumber(drawn), { value }, drawn)
    }),
    { numRuns: 300 },
  )
  t.end()
})
