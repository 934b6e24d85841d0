import { readFileSync } from 'node:fs'
import t from 'tap'
import { LogstreamError, messageOf, reasonOf } from '../../lib/errors.ts'

void t.test('an error with a code', (tap) => {
  const cause = new Error('low')
  const error = new LogstreamError('IO', 'cannot read x: try y', { cause, option: 'path' })
  tap.ok(error instanceof Error)
  tap.match(error, {
    name: 'LogstreamError',
    code: 'IO',
    message: 'cannot read x: try y',
    cause,
    option: 'path',
  })
  tap.equal(new LogstreamError('IO', 'm').option, undefined)
  tap.end()
})

void t.test('the message of anything that was thrown', (tap) => {
  tap.same([new Error('a'), 'b', undefined, 3].map(messageOf), ['a', 'b', 'undefined', '3'])
  tap.end()
})

void t.test('the reason of an error whose path the caller names', (tap) => {
  const failure = (path: string): unknown => {
    try {
      return readFileSync(path)
    } catch (error) {
      return error
    }
  }
  tap.equal(reasonOf(failure('/nowhere/at-all')), 'no such file or directory')
  tap.equal(reasonOf(failure('/')), 'it is a folder')
  tap.equal(reasonOf(new Error('ENOENT: quoted')), 'ENOENT: quoted')
  tap.end()
})
