import t from 'tap'
import { labelsOf } from '../../../support/logql-lines.ts'

const options = { stream: { app: 'x', env: 'prod' }, metadata: { trace: 't1' } }

void t.test('drop and keep', (tap) => {
  for (const [stages, expected] of [
    ['| drop app', { env: 'prod', trace: 't1' }],
    ['| drop app, trace', { env: 'prod' }],
    ['| drop env="dev", app=~"x|y"', { env: 'prod', trace: 't1' }],
    ['| drop nothing', { app: 'x', env: 'prod', trace: 't1' }],
    ['| logfmt | drop a', { app: 'x', env: 'prod', trace: 't1', b: '2' }],
    ['| logfmt | keep a, env', { a: '1', env: 'prod' }],
    ['| logfmt | keep a="0", b=~"2|3"', { b: '2' }],
    ['| keep nothing', {}],
    ['| logfmt | drop a | logfmt', { app: 'x', env: 'prod', trace: 't1', b: '2' }],
  ] as const)
    tap.same(labelsOf(stages, 'a=1 b=2', options), expected, stages)
  tap.end()
})

void t.test('errors go when they are named, and stay with keep', (tap) => {
  const problem = "Value looks like object, but can't find closing '}' symbol"
  for (const [stages, expected] of [
    ['| json | drop __error__', { __error_details__: problem }],
    ['| json | drop __error__, __error_details__', {}],
    ['| json | drop __error__="other"', { __error__: 'JSONParserErr', __error_details__: problem }],
    ['| json | drop __error__=~"JSON.*", __error_details__=~".+"', {}],
    ['| json | keep x', { __error__: 'JSONParserErr', __error_details__: problem }],
  ] as const)
    tap.same(labelsOf(stages, 'no json', { metadata: { x: '1' } }), { ...expected, x: '1' }, stages)
  tap.end()
})
