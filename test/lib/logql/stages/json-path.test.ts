import t from 'tap'
import { parseJsonPath } from '../../../../lib/logql/stages/json-path.ts'
import { labelsOf } from '../../../support/logql-lines.ts'

void t.test('paths', (tap) => {
  for (const [expression, expected] of [
    ['a', ['a']],
    ['a.b[0]["c d"].e', ['a', 'b', 0, 'c d', 'e']],
    ['["x.y"]', ['x.y']],
    ['[1].a', [1, 'a']],
    [' a ', ['a']],
  ] as const)
    tap.same(parseJsonPath(expression), expected, expression)
  for (const bad of ['', 'a..b', 'a.', '.a', 'a[x]', 'a b', 'a[1', 'a["b]', '1a'])
    tap.throws(() => parseJsonPath(bad, 4), { message: /cannot parse expression/, offset: 4 }, bad)
  tap.end()
})

void t.test('labels from places', (tap) => {
  const line = '{"a":{"b":[1,"two",{"c":null}],"o":{"k":"v\\n"}},"s":"x\\"y","n":1e3,"t":true,"env":"e"}'
  for (const [stage, expected] of [
    ['x="a.b[1]"', { x: 'two' }],
    ['x="a.b[2].c"', { x: '' }],
    ['x="a.b[9]"', { x: '' }],
    ['x="a.o"', { x: '{"k":"v\\n"}' }],
    ['x="a.o.k"', { x: 'v\n' }],
    ['s, n, t', { s: 'x"y', n: '1e3', t: 'true' }],
    ['x="s.deeper"', { x: '' }],
    ['x="none"', { x: '' }],
    ['env', { env_extracted: 'e' }],
    ['x="a[0]"', { x: '' }],
    ['env, x="none"', { env_extracted: 'e', x: '' }],
  ] as const) {
    const expectedAll = { env: 'prod', ...expected }
    tap.same(labelsOf(`| json ${stage}`, line, { stream: { env: 'prod' } }), expectedAll, stage)
  }
  tap.end()
})

void t.test('a label of the stream that is gone is empty where a path led nowhere', (tap) => {
  const stream = { stream: { env: 'prod' } }
  tap.same(labelsOf('| drop env | json env', '{"env":"e"}', stream), { env_extracted: 'e' })
  tap.same(labelsOf('| drop env | json env, x', '{"env":"e"}', stream), {
    env_extracted: 'e',
    env: '',
    x: '',
  })
  tap.end()
})

void t.test('invalid JSON', (tap) => {
  tap.same(labelsOf('| json x="a"', ''), {})
  tap.same(labelsOf('| json x="a"', 'text'), { __error__: 'JSONParserErr' })
  tap.same(labelsOf('| json x="a"', '[{"a":1}]'), { x: '' })
  tap.same(labelsOf('| json x="[0].a"', '[{"a":1}]'), { x: '1' })
  tap.match(labelsOf('| json x="a"', '{"a":nope}'), { __error__: 'JSONParserErr' })
  tap.end()
})
