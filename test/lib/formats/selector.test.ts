import t from 'tap'
import { labelSet } from '../../../lib/flow/labels.ts'
import { compileSelector, parseSelector } from '../../../lib/formats/selector.ts'

void t.test('parts of a selector', (t) => {
  t.same(parseSelector('{ app = "a\\tb", env!~"p.*" } |= "x" !~ "y" // comment'), {
    matchers: [
      { name: 'app', operator: '=', value: 'a\tb' },
      { name: 'env', operator: '!~', value: 'p.*' },
    ],
    filters: [
      { operator: '|=', text: 'x' },
      { operator: '!~', text: 'y' },
    ],
  })
  t.same(parseSelector('{a="b"} /* |= "x" */\n!="y"').filters, [{ operator: '!=', text: 'y' }])
  t.end()
})

void t.test('mistakes name their offset and what was expected', (t) => {
  const cases: [string, number, RegExp][] = [
    ['', 0, /expected \{, found the end/],
    ['{}', 1, /expected a label name, found `}`/],
    ['{a="b",}', 7, /expected a label name/],
    ['{a b="c"}', 3, /expected =, !=, =~ or !~, found `b`/],
    ['{a="b" c="d"}', 7, /expected , or }/],
    ['{a==""}', 3, /expected a string in double quotes, found `=`/],
    ['{a=`b`}', 3, /double quotes/],
    ["{a='b'}", 3, /double quotes/],
    ['{a="b}', 3, /closing "/],
    ['{a="b\n"}', 3, /closing "/],
    ['{a="\\d"}', 3, /escape/],
    ['{a.b="c"}', 2, /found `.`/],
    ['{a="b"} | json', 8, /found `\|`/],
    ['{a="b"} |> "x"', 8, /found `\|`/],
    ['{a="b"} |= "x" or "y"', 15, /found `or`/],
  ]
  for (const [text, offset, message] of cases)
    t.throws(
      () => compileSelector(text),
      {
        code: 'BAD_SELECTOR',
        option: 'selector',
        message: new RegExp(`offset ${offset}: .*${message.source}`),
      },
      text,
    )
  t.throws(() => compileSelector('{a=~"("}'), { code: 'BAD_REGEX', option: 'selector' })
  t.throws(() => compileSelector('{a="b"} |~ "("'), { code: 'BAD_REGEX', option: 'selector' })
  t.end()
})

void t.test('what matches', (t) => {
  const cases: [string, Record<string, string>, string, boolean][] = [
    ['{a="1"}', { a: '1' }, '', true],
    ['{a=""}', {}, '', true],
    ['{a!="1"}', {}, '', true],
    ['{a=~"1|2"}', { a: '12' }, '', false],
    ['{a=~"x.y"}', { a: 'x\ny' }, '', true],
    ['{a!~"x.*"}', { a: 'xyz' }, '', false],
    ['{a=~".*"} |~ "x.y"', {}, 'x\ny', false],
    ['{a=~".*"} |= "x" != "y"', {}, 'x', true],
    ['{a=~".*"} |= "x" != "y"', {}, 'xy', false],
    ['{a=~".*"} !~ "^x"', {}, 'ax', true],
  ]
  for (const [text, labels, line, expected] of cases)
    t.equal(compileSelector(text).matches(labelSet(labels), line), expected, `${text} ${line}`)
  t.end()
})

void t.test('what was computed for one set does not show for another', (t) => {
  const selector = compileSelector('{a=~"1.*"}')
  // More sets than are kept, twice over.
  const sets = Array.from({ length: 10_000 }, (_, i) => labelSet({ a: String(i) }))
  for (let round = 0; round < 2; round++)
    t.ok(sets.every((set, i) => selector.matches(set, '') === String(i).startsWith('1')))
  t.end()
})
