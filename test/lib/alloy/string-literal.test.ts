/** The values of string literals. */
import t from 'tap'
import { stringValue } from '../../../lib/alloy/string-literal.ts'
import { ValueError } from '../../../lib/alloy/value.ts'

void t.test('values of literals', async (t) => {
  const cases: [string, string][] = [
    ['""', ''],
    ['"a b"', 'a b'],
    ['"\\a\\b\\f\\n\\r\\t\\v\\\\\\""', '\x07\b\f\n\r\t\v\\"'],
    ['"\\101\\x42\\u00fc\\U0001f600"', 'ABü😀'],
    ['"\\xc3\\xbc \\303\\274"', 'ü ü'],
    ['"\\xc3x"', '\udcc3x'],
    ['"\\xc3\\u00e4"', '\udcc3ä'],
    ['`a\\n\r\nb"`', 'a\\n\nb"'],
  ]
  for (const [raw, value] of cases) t.equal(stringValue(raw), value, raw)
})

void t.test('anything but a literal is refused', async (t) => {
  const bad = [
    '',
    '"',
    'a',
    "'a'",
    '"a',
    '"a`',
    '"\\q"',
    '"\\\'"',
    '"\\x4"',
    '"\\777"',
    '"\\ud800"',
    '"\\U00110000"',
    '"\\"',
  ]
  for (const raw of bad) t.throws(() => stringValue(raw), ValueError, raw)
  t.throws(() => stringValue('"a\\q"'), {
    message: 'invalid escape sequence \\q; write \\\\ for a backslash',
  })
})
