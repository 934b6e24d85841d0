import t from 'tap'
import { jsonText } from '../../../../lib/logql/stages/json-stage.ts'
import { labelsOf, runLine } from '../../../support/logql-lines.ts'

void t.test('json', (tap) => {
  for (const [line, expected] of [
    ['{"a":1,"b":"x","c":true,"d":null,"e":[1]}', { a: '1', b: 'x', c: 'true' }],
    ['{"a":{"b":{"c":"x"}},"a_b_c":"y"}', { a_b_c: 'x' }],
    ['{"dup":1,"dup":2}', { dup: '1' }],
    ['{"1st":"x","with space":"y","a.b":"z"," ":"n"}', { _1st: 'x', with_space: 'y', a_b: 'z' }],
    ['{"a":{"1":"x"}}', { a_1: 'x' }],
    ['{"env":"e","t":"s"}', { env_extracted: 'e', t_extracted: 's' }],
    ['{"a":"bad \\x escape"}', { a: '' }],
    ['{"a":""}', { a: '' }],
    ['{"a":1}garbage', { a: '1' }],
  ] as const)
    tap.same(
      labelsOf('| json', line, { stream: { env: 'prod' }, metadata: { t: 'm' } }),
      { env: 'prod', t: 'm', ...expected },
      line,
    )
  tap.match(
    labelsOf('| json', '{"a":1,"b":'),
    { a: '1', __error__: 'JSONParserErr' },
    'what came before stays',
  )
  const deep = `${'{"a":'.repeat(5000)}1${'}'.repeat(5000)}`
  tap.same(labelsOf('| json', deep), {}, 'depth is bounded')
  tap.equal(jsonText({ kind: 'string', text: 'a\ufffdb', end: 0 }), 'a b')
  tap.end()
})

void t.test('a second parser does not overwrite', (tap) => {
  tap.same(labelsOf('| json | line_format `{"a":2,"b":3}` | json', '{"a":1}'), { a: '1', b: '3' })
  tap.end()
})

void t.test('unpack', (tap) => {
  for (const [line, expected] of [
    ['{"_entry":"the line","pod":"p","n":1}', { line: 'the line', labels: { pod: 'p' } }],
    ['{"_entry":"x","app":"a"}', { line: 'x', labels: { app_extracted: 'a' } }],
    ['{"pod":"p"}', { line: '{"pod":"p"}', labels: {} }],
    ['', { line: '', labels: {} }],
  ] as const) {
    const outcome = runLine('| unpack', line, { stream: { app: 's' } })
    tap.same(outcome, { line: expected.line, labels: { app: 's', ...expected.labels } }, line)
  }
  for (const line of ['text', '{"_entry":"x" 1}', '{"_entry":"\\x"}'])
    tap.match(labelsOf('| unpack', line), { __error__: 'JSONParserErr' }, line)
  tap.end()
})
