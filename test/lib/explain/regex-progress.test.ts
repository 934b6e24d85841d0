import fc from 'fast-check'
import t from 'tap'
import { regexProgress } from '../../../lib/explain/regex-progress.ts'

/** The part that failed, and the text from where it failed. */
function progress(pattern: string, text: string): [string, string] | undefined {
  const found = regexProgress(pattern, text)
  return found && [pattern.slice(found.from, found.to), text.slice(found.at)]
}

void t.test('the part that failed, and where', (tap) => {
  const cases: [string, string, [string, string] | undefined][] = [
    ['^(\\d+) (\\w+)$', '12 ab cd', ['$', ' cd']],
    ['^(\\d+) (\\w+)$', '12 !', ['(\\w+)', '!']],
    ['^(\\d+)x', '123', ['x', '']],
    ['ab+c', 'xabbd', ['c', 'd']],
    ['abc', 'xyz', ['a', 'xyz']],
    ['^a', 'b', ['a', 'b']],
    ['a|b', 'c', undefined],
    ['', 'c', undefined],
  ]
  for (const [pattern, text, expected] of cases) tap.same(progress(pattern, text), expected, pattern)
  tap.end()
})

void t.test('parts that could take more take what they need', (tap) => {
  const line = '^(?P<date>\\S+)\\|(?P<time>\\S+)\\|(?P<latency>\\d+)\\|(?P<method>\\S+)$'
  tap.same(progress(line, '2026|12:00|fast|GET'), ['(?P<latency>\\d+)', 'fast|GET'])
  tap.same(progress(line, '2026|12:00|25ms|GET'), ['(?P<latency>\\d+)', '25ms|GET'])
  tap.same(progress('(?i)^LEVEL=\\S+ CODE=\\d+', 'level=info code=x'), ['\\d+', 'x'], 'flags in front')
  tap.end()
})

void t.test('parts are cut where a pattern can be cut', (tap) => {
  const cases: [string, string, string][] = [
    ['\\Qa.b\\Ec', 'a.bd', 'c'],
    ['[]a]x', ']y', 'x'],
    ['[^[:alpha:]]+z', '12y', 'z'],
    ['(a|(b))c', 'bd', 'c'],
    ['\\pL{2}\\d', 'abc', '\\d'],
    ['\\x{1F600}+?!', '😀?', '!'],
    ['a{2,3}?b', 'aac', 'b'],
    ['a\\)(b[)]c)d', 'a)b)ce', 'd'],
    ['😀x', '😀y', 'x'],
  ]
  for (const [pattern, text, part] of cases) tap.equal(progress(pattern, text)?.[0], part, pattern)
  tap.end()
})

void t.test('of delimited fields, the first one that refuses its own text', (tap) => {
  const fields = (...parts: string[]): string => `^${parts.join('\\|')}$`
  const [text, number] = ['(\\S+)', '(\\d+)']
  const cases: [string, string, string, string, string][] = [
    // `\S+` may swallow delimiters, so that a longer beginning matches further to the right.
    [fields(text, text, number, text, number), 'a|b|fast|c|200', number, 'fast', 'fast|c|200'],
    [fields(text, number, text, number, number), 'a|1|b|x|200', number, 'x', 'x|200'],
    [fields(text, text, number, text), 'a|b||c', number, '', '|c'],
    ['^(\\S+) (\\S+) \\[(\\d+)\\] "([A-Z]+) (\\S+)"', 'h u [12] "get /a"', '([A-Z]+)', 'get', 'get /a"'],
    ['^a=(\\d+), b=(\\d+), c=(\\d+)$', 'a=1, b=two, c=3', '(\\d+)', 'two', 'two, c=3'],
    ['(?i)^(\\w+),(yes|no),(\\d+)$', 'x,MAYBE,1', '(yes|no)', 'MAYBE', 'MAYBE,1'],
    [fields(text, text, number), 'a|b|12x', number, '12x', '12x'],
  ]
  for (const [pattern, line, part, found, rest] of cases) {
    const got = regexProgress(pattern, line)
    tap.same(
      got && [pattern.slice(got.from, got.to), got.found, line.slice(got.at)],
      [part, found, rest],
      `${pattern} on ${line}`,
    )
  }
  tap.end()
})

void t.test(
  'a field that may hold anything, and a delimiter that is missing, are left to the longest beginning',
  (tap) => {
    tap.same(progress('^(\\S+) (.*) (\\d+)$', 'a b c x'), ['(\\d+)', 'c x'])
    tap.same(progress('^(\\d+)\\|(\\d+)\\|(\\d+)$', '1|2'), ['\\|', ''])
    tap.equal(regexProgress('^(\\d+)\\|(\\d+)\\|(\\d+)$', '1|2')?.found, undefined)
    tap.end()
  },
)

void t.test('whatever the pattern and the line, the answer lies inside of both', (tap) => {
  const part = fc.constantFrom(
    '(\\S+)',
    '(\\d+)',
    '\\|',
    ',',
    ' ',
    '[a-z]+',
    '(a|b)',
    '^',
    '$',
    '.',
    '\\.',
    'x{2}',
    '(?i)',
  )
  fc.assert(
    fc.property(fc.array(part, { maxLength: 9 }), fc.stringMatching(/^[ab1 ,|x.]{0,20}$/), (parts, line) => {
      const pattern = parts.join('')
      const got = regexProgress(pattern, line)
      if (got === undefined) return true
      const inside =
        got.from >= 0 &&
        got.from <= got.to &&
        got.to <= pattern.length &&
        got.at >= 0 &&
        got.at <= line.length
      return inside && (got.found === undefined || line.startsWith(got.found, got.at))
    }),
  )
  tap.pass()
  tap.end()
})
