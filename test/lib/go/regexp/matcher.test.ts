import t from 'tap'
import { PatternMatcher } from '../../../../lib/go/regexp/matcher.ts'
import { parse } from '../../../../lib/go/regexp/parse.ts'

function matcher(pattern: string): PatternMatcher {
  const result = parse(pattern)
  if ('reason' in result) throw new Error(result.reason)
  return new PatternMatcher(result)
}

void t.test('every engine gives the same shape', (t) => {
  const cases = [
    ['v8', '(a)|(b)'],
    ['v8', '(?:(a)|(b)){1}'],
    ['re2', '(?:(a)|(b))+'],
  ] as const
  for (const [engine, pattern] of cases) {
    const one = matcher(pattern)
    t.equal(one.engine, engine, pattern)
    const match = one.execFrom('aab', 2)
    t.strictSame(match && [match.index, ...match], [2, 'b', undefined, 'b'], pattern)
    t.strictSame(one.spansFrom('aab', 2), [2, 3, -1, -1, 2, 3], pattern)
    t.equal(one.execFrom('aab', 3), null, pattern)
    t.equal(one.spansFrom('xx', 0), null, pattern)
  }
  t.end()
})

void t.test('a guarded search looks back past an earlier match', (t) => {
  const one = matcher('\\d+?(?:x|$)|\\d')
  const lead = matcher('(\\d+?)0')
  t.equal(lead.execFrom('110', 1)?.[0], '10')
  t.equal(lead.execFrom('x110', 1)?.[0], '110')
  t.equal(one.execFrom('12', 1)?.[0], '2')
  t.end()
})

void t.test('long texts', (t) => {
  const text = `${'ab '.repeat(40_000)}x`
  t.equal(matcher('b.*x$').exec(text)?.index, 1, 'above the limit of V8')
  t.equal(matcher('^(.*) (.*)x$').exec(text)?.[2], '')
  t.ok(matcher('^(.*) (.*)x$').test(text))
  t.strictSame(matcher('x').spansFrom(text, 5), [120_000, 120_001])
  t.end()
})
