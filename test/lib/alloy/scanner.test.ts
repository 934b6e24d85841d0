/** Lexing: tokens, where statements end, literals, and that bad text becomes diagnostics. */
import fc from 'fast-check'
import t from 'tap'
import { isIdentifier, scan } from '../../../lib/alloy/scanner.ts'
import { anyText } from '../../support/any-text.ts'

function kinds(text: string): string {
  return scan({ name: 'x', text })
    .tokens.map((token) => (token.kind === 'terminator' ? ';' : token.kind))
    .join(' ')
}

function errors(text: string): string[] {
  return scan({ name: 'x', text }).diagnostics.map(
    ({ message, range }) => `${range.start}-${range.end} ${message}`,
  )
}

void t.test('words, operators and the ends of statements', async (t) => {
  const cases: [string, string][] = [
    ['', 'eof'],
    ['\n\n  \t\r\n', 'eof'],
    ['a', 'identifier ; eof'],
    ['größe = "ü"\r\n', 'identifier = string ; eof'],
    ['a.b "l" {\n}\n', 'identifier . identifier string { } ; eof'],
    ['[1,\n2]\n', '[ number , number ] ; eof'],
    ['[1\n]', '[ number ; ] ; eof'],
    ['a = 1 /* c */ + 2', 'identifier = number + number ; eof'],
    ['a = 1 /* c */ /* d */\nb', 'identifier = number ; identifier ; eof'],
    ['a = 1 /* c\n d */ b', 'identifier = number ; identifier ; eof'],
    ['a = 1 // c', 'identifier = number ; eof'],
    ['a = 1 /* open', 'identifier = number ; eof'],
    ['1 1. .5 1.5e3 1e+3 0x1F 010', 'number float float float float number identifier number ; eof'],
    ['1..2', 'float float ; eof'],
    ['true false null nullx', 'bool bool null identifier ; eof'],
    ['a||b&&!c==d!=e<f<=g>h>=i', 'identifier || identifier && ! identifier == identifier'],
    ['a / b /', 'identifier / identifier / eof'],
    ['`raw\nstring`', 'string ; eof'],
    ['"a\\"b"', 'string ; eof'],
    ['\uFEFFa', 'identifier ; eof'],
    ["'a'\nb", 'illegal ; identifier ; eof'],
    ['a €\nb', 'identifier illegal ; identifier ; eof'],
    ['a | b', 'identifier || identifier ; eof'],
  ]
  for (const [text, expected] of cases) t.match(kinds(text), expected, JSON.stringify(text))
})

void t.test('what is wrong, and exactly where', async (t) => {
  const cases: [string, string[]][] = [
    ['a = "x\nb', ['4-6 the string is not closed; expected "']],
    ['a = `x\nb', ['4-8 the string is not closed; expected `']],
    ['"a\\\'"', ["2-4 unknown escape sequence \\'"]],
    ['"\\😀"', ['1-4 unknown escape sequence \\😀']],
    ['"\\x4"', ['1-4 expected 2 digits in the escape sequence, found 1']],
    ['"\\x\\n"', ['1-3 expected 2 digits in the escape sequence, found 0']],
    ['"\\777"', ['1-5 the escape sequence \\777 is not a Unicode character']],
    ['"\\ud800 \\U00110000"', ['1-7 the escape', '8-18 the escape']],
    ['"\\', ['1-2 expected a character after the backslash', '0-2 the string is not closed']],
    ['"\\a\\b\\f\\n\\r\\t\\v\\\\\\"\\101\\x41\\u00fc\\U0001f600"', []],
    ['/* x', ['0-4 the comment is not closed']],
    ['/*/', ['0-3 the comment is not closed']],
    ['1e+', ['0-3 the number 1e+ has no digits in its exponent']],
    ["'a'", ['0-3 strings are not written with single quotes']],
    ['a @ b', ['2-3 the character "@" means nothing here']],
    ['a & b', ['2-3 expected &&, found a single &']],
    ['a\0 "\0"', ['1-2 a NUL character', '4-5 a NUL character']],
    ['a \uFEFF b', ['2-3 a byte order mark']],
  ]
  for (const [text, expected] of cases) {
    const found = errors(text)
    t.equal(found.length, expected.length, JSON.stringify(text))
    for (const [at, start] of expected.entries()) t.match(found[at], start)
  }
})

void t.test('comments keep their text, but not their carriage returns', async (t) => {
  const { comments } = scan({ name: 'x', text: 'a // one \r\n/* two\r\n */ b' })
  t.strictSame(
    comments.map((c) => c.text),
    ['// one ', '/* two\n */'],
  )
  t.strictSame(comments[0]?.range, { start: 2, end: 9 })
})

void t.test('lines are counted', async (t) => {
  const { tokens } = scan({ name: 'x', text: 'a\n\n  b /*\n*/ c\nd' })
  t.strictSame(
    tokens.filter((token) => token.kind === 'identifier').map((token) => token.line),
    [1, 3, 4, 5],
  )
})

void t.test('identifiers', async (t) => {
  for (const name of ['a', '_', 'a1', 'größe', '日本', 'nullable']) t.ok(isIdentifier(name), name)
  for (const name of ['', '1a', 'a-b', 'a.b', 'a b', 'null', 'true', 'false', 'a\n'])
    t.notOk(isIdentifier(name), name)
})

void t.test('tokens and comments are ranges of the text, in order, for any text', async () => {
  fc.assert(
    fc.property(anyText({ maxLength: 60 }), (text) => {
      const { tokens, comments } = scan({ name: 'x', text })
      const ranges = [...tokens, ...comments].map((item) => item.range).toSorted((a, b) => a.start - b.start)
      return (
        tokens.at(-1)?.kind === 'eof' &&
        ranges.every(
          ({ start, end }, at) => start <= end && end <= text.length && start >= (ranges[at - 1]?.start ?? 0),
        )
      )
    }),
  )
})
