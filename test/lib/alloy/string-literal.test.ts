/** Go's quoting, both ways. */
import fc from 'fast-check'
import t from 'tap'
import { quote, unquote } from '../../../lib/alloy/string-literal.ts'
import { ValueError } from '../../../lib/alloy/value.ts'

void t.test('values of literals', async (t) => {
  const cases: [string, string][] = [
    ['""', ''],
    ['"a b"', 'a b'],
    ['"\\a\\b\\f\\n\\r\\t\\v\\\\\\""', '\x07\b\f\n\r\t\v\\"'],
    ['"\\101\\x42\\u00fc\\U0001f600"', 'ABü😀'],
    ['"\\xc3\\xbc \\303\\274"', 'ü ü'],
    ['"\\xc3x"', '\uFFFDx'],
    ['"\\xc3\\u00e4"', '\uFFFDä'],
    ['`a\\n\r\nb"`', 'a\\n\nb"'],
  ]
  for (const [raw, value] of cases) t.equal(unquote(raw), value, raw)
})

void t.test('what is no literal is refused', async (t) => {
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
  for (const raw of bad) t.throws(() => unquote(raw), ValueError, raw)
})

void t.test('quoting as strconv.Quote', async (t) => {
  const cases: [string, string][] = [
    ['', '""'],
    ['a"\\b', '"a\\"\\\\b"'],
    ['\x07\b\f\n\r\t\v', '"\\a\\b\\f\\n\\r\\t\\v"'],
    ['\x00\x1b\x7f', '"\\x00\\x1b\\x7f"'],
    ['ü日本😀', '"ü日本😀"'],
    ['\u00a0\u00ad\u200b\u{e0001}', '"\\u00a0\\u00ad\\u200b\\U000e0001"'],
    ['\ud800', '"\uFFFD"'],
  ]
  for (const [text, literal] of cases) t.equal(quote(text), literal)
})

void t.test('unquote undoes quote', async () => {
  fc.assert(fc.property(fc.string({ unit: 'binary' }), (text) => unquote(quote(text)) === text))
})
