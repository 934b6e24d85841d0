import fc from 'fast-check'
import t from 'tap'
import { compile } from '../../../lib/go/regexp/regexp.ts'
import { passesLuhn, redactLuhn } from '../../../lib/formats/luhn.ts'

const rules = { replacement: '#', minLength: 13, delimiters: new Set<string>(), skip: undefined }

void t.test('check digits', (t) => {
  for (const digits of ['4539578763621486', '0', '00000', '79927398713', '0000004539578763621486'])
    t.ok(passesLuhn(digits), digits)
  for (const digits of ['4539578763621487', '79927398710', '9999999999999999999'])
    t.notOk(passesLuhn(digits), digits)
  t.end()
})

void t.test('exactly one check digit fits', (t) => {
  fc.assert(
    fc.property(fc.stringMatching(/^[0-9]{1,17}$/), (digits) => {
      const fitting = [...'0123456789'].filter((check) => passesLuhn(digits + check))
      return fitting.length === 1
    }),
  )
  t.end()
})

void t.test('numbers in a text', (t) => {
  const delimited = { ...rules, delimiters: new Set(' -') }
  const cases: [string, typeof delimited, string][] = [
    ['card 4539578763621486.', rules, 'card #.'],
    ['4539-5787-6362-1486', rules, '4539-5787-6362-1486'],
    ['card 4539-5787 6362-1486 - ok', delimited, 'card # ok'],
    ['4539578763621487 4539578763621486', rules, '4539578763621487 #'],
    ['٤٥٣٩٥٧٨٧٦٣٦٢١٤٨٦', rules, '٤٥٣٩٥٧٨٧٦٣٦٢١٤٨٦'],
    // Digits of other scripts belong to the number, which Go can't read then.
    ['4539578763621486٣', rules, '4539578763621486٣'],
    ['0-٣-4539578763621486', delimited, '0-٣-4539578763621486'],
    ['é4111111111111111', rules, 'é#'],
    ['', rules, ''],
  ]
  for (const [text, of, expected] of cases) t.equal(redactLuhn(text, of), expected, text)
  t.end()
})

void t.test('numbers inside of a skipped text stay, others do not', (t) => {
  const skip = compile('id=\\d+')
  t.equal(
    redactLuhn('id=4539578763621486 4539578763621486 id=4539578763621486', { ...rules, skip }),
    'id=4539578763621486 # id=4539578763621486',
  )
  t.end()
})
