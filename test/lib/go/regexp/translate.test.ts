import t from 'tap'
import { buildAutomaton } from '../../../../lib/go/regexp/automaton.ts'
import { parse } from '../../../../lib/go/regexp/parse.ts'
import { sameInJavaScript, translate } from '../../../../lib/go/regexp/translate.ts'
import type { Translation } from '../../../../lib/go/regexp/translate.ts'
import { unroll } from '../../../../lib/go/regexp/unroll.ts'

function translation(pattern: string, lookbehind?: readonly number[]): Translation {
  const result = parse(pattern)
  if ('reason' in result) throw new Error(result.reason)
  const tree = unroll(result.tree)!
  return translate(tree, buildAutomaton(tree)!, result.groupNames.length - 1, lookbehind)
}

void t.test('sources', (t) => {
  const cases = [
    [String.raw`^(\S+)\|(?P<x>\d+)$`, String.raw`^([^\u0009\u000a\u000c\u000d ]+)\|([0-9]+)$`],
    ['(?i)ab', '[Aa][Bb]'],
    ['.*', String.raw`[^\u000a]*`],
    ['.', String.raw`(?:[^\u000a\ud800-\udfff]|[\ud800-\udbff][\udc00-\udfff])`],
    ['😀', String.raw`(?:[\ud83d][\ude00])`],
    ['(?m)^$', String.raw`(?<![^\n])(?![^\n])`],
    ['1{1,3}', '1(?:11?)?'],
    ['(?:1*)?x', '(?:1*|)x'],
    ['1(?:2|34)5', '1(?:2|34)5'],
    ['[]^-]', String.raw`[\-\]\^]`],
  ] as const
  for (const [pattern, source] of cases) t.equal(translation(pattern).source, source, pattern)
  t.equal(translation('1+|2', [49, 49]).source, '(?<![1])(?:1+|2)')
  t.strictSame(translation('(1)(?:(2)){2}').slots, [[0], [1], [2, 3]])
  t.end()
})

void t.test('every astral range is written in full', (t) => {
  const ranges = ['\\x{10000}-\\x{10FFFF}', '\\x{10001}-\\x{10402}', '\\x{1F600}', '\\x{FFFE}-\\x{10FFFE}']
  for (const range of ranges) {
    const pattern = new RegExp(`^(?:${translation(`[${range}]`).source})$`)
    const wanted = new RegExp(`^[${range.replaceAll('\\x', '\\u')}]$`, 'u')
    for (let codePoint = 0xff_f0; codePoint <= 0x10_ff_ff; codePoint += codePoint % 1024 < 4 ? 1 : 341) {
      const char = String.fromCodePoint(codePoint)
      if (pattern.test(char) !== wanted.test(char)) t.fail(`${range}: ${codePoint.toString(16)}`)
    }
    t.notOk(pattern.test('a'), range)
  }
  t.end()
})

void t.test('what JavaScript would do otherwise', (t) => {
  const same = (pattern: string): boolean => {
    const result = parse(pattern)
    return 'tree' in result && sameInJavaScript(result.tree)
  }
  for (const pattern of ['(a)+', '(?:(a)b)*', '(?:(a)|b){2}', '(|a)?']) t.ok(same(pattern), pattern)
  for (const pattern of ['(?:(a)|(b))*', '(a*)*', '(?:a(b)?)+', '(|a)+', '\\b+'])
    t.notOk(same(pattern), pattern)
  t.end()
})
