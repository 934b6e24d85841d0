import t from 'tap'
import { after, parseBrackets, parseClassEscape, parseEscape } from '../../../../lib/go/regexp/parse-class.ts'

void t.test('escapes of one character', (t) => {
  const cases = [
    ['\\n', 10],
    ['\\v', 11],
    ['\\x41', 65],
    ['\\x{1F680}', 0x1_f6_80],
    ['\\101', 65],
    ['\\07', 7],
    ['\\0', 0],
    ['\\.', 46],
    ['\\_', 95],
  ] as const
  for (const [text, value] of cases) t.strictSame(parseEscape(text, 0), { value, next: text.length }, text)
  t.strictSame(parseEscape('a\\1234', 1), { value: 0o123, next: 5 }, 'three octal digits at most')
  for (const text of ['\\1', '\\8', '\\q', '\\x1', '\\x{}', '\\x{110000}', '\\']) {
    t.throws(() => parseEscape(text, 0), text)
  }
  t.equal(after('😀', 0), 2)
  t.end()
})

void t.test('classes', (t) => {
  t.strictSame(parseClassEscape('\\d', 0, false), { value: [48, 57], next: 2 })
  t.equal(parseClassEscape('\\n', 0, false), undefined)
  t.equal(parseClassEscape('d', 0, false), undefined)
  t.strictSame(parseClassEscape('\\PL', 0, false)!.next, 3)
  const cases: readonly [string, number[]][] = [
    ['[a-c]', [97, 99]],
    ['[]a]', [93, 93, 97, 97]],
    ['[a-]', [45, 45, 97, 97]],
    ['[a-c-e]', [45, 45, 97, 99, 101, 101]],
    ['[[:digit:]x]', [48, 57, 120, 120]],
    ['[[:^ascii:]]', [128, 0x10_ff_ff]],
    ['[^\\x{1}-\\x{10FFFF}]', [0, 0]],
    ['[[:a]', [58, 58, 91, 91, 97, 97]],
  ]
  for (const [text, value] of cases)
    t.strictSame(parseBrackets(text, 0, false), { value, next: text.length }, text)
  t.strictSame(parseBrackets('[b]', 0, true).value, [66, 66, 98, 98])
  for (const text of ['[', '[]', '[^]', '[z-a]', '[a-\\d]', '[[:x:]]', '[\\b]']) {
    t.throws(() => parseBrackets(text, 0, false), text)
  }
  t.end()
})
