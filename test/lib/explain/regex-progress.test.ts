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
  tap.same(progress(line, '2026|12:00|25ms|GET'), ['\\|', 'ms|GET'])
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
