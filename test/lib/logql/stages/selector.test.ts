import t from 'tap'
import {
  compileAnywhere,
  compileMatcher,
  compileMatchers,
  compileWhole,
  selectsSomething,
} from '../../../../lib/logql/stages/selector.ts'

void t.test('matchers', (tap) => {
  for (const [operator, value, text, matches] of [
    ['=', 'a', 'a', true],
    ['=', 'a', 'b', false],
    ['!=', 'a', '', true],
    ['=~', 'a|b', 'b', true],
    ['=~', 'a', 'ab', false],
    ['=~', '(?i)A.', 'ab', true],
    ['=~', 'a.b', 'a\nb', true],
    ['!~', 'a.*', 'abc', false],
    ['!~', 'a.*', '', true],
  ] as const)
    tap.equal(compileMatcher({ name: 'x', operator, value })(text), matches, `${operator}${value} on ${text}`)
  const all = compileMatchers([
    { name: 'a', operator: '=', value: '1' },
    { name: 'b', operator: '=', value: '' },
  ])
  tap.same(
    [
      new Map([['a', '1']]),
      new Map([
        ['a', '1'],
        ['b', '2'],
      ]),
      new Map(),
    ].map((labels) => all(labels)),
    [true, false, false],
  )
  tap.end()
})

void t.test('bad expressions say where', (tap) => {
  tap.throws(() => compileMatcher({ name: 'x', operator: '=~', value: '(' }, 5), {
    name: 'LogqlError',
    offset: 5,
  })
  tap.throws(() => compileWhole('a(?=b)'), { name: 'LogqlError' })
  tap.throws(() => compileAnywhere('\\1'), { name: 'LogqlError' })
  tap.end()
})

void t.test('a selector has to choose', (tap) => {
  const chooses = (operator: '=' | '!=' | '=~' | '!~', value: string): boolean =>
    selectsSomething([{ name: 'x', operator, value }])
  tap.same(
    [chooses('=', 'a'), chooses('!=', ''), chooses('=~', '.+'), chooses('!~', '')],
    [true, true, true, true],
  )
  tap.same(
    [chooses('=', ''), chooses('!=', 'a'), chooses('=~', '.*'), chooses('!~', 'a')],
    [false, false, false, false],
  )
  tap.notOk(selectsSomething([]))
  tap.end()
})
