import t from 'tap'
import type { LogStream } from '../../../lib/logql/api/answers.ts'
import { fieldOf, levelOf, linesOf, sameLine } from '../../../page/explore/line.ts'

void t.test('lines of all streams in the order of time, to the nanosecond', (tap) => {
  const streams: LogStream[] = [
    {
      stream: { a: '1' },
      values: [
        ['1000000000000000002', 'third'],
        ['999999999999999999', 'first'],
      ],
    },
    { stream: { a: '2' }, values: [['1000000000000000001', 'second', { parsed: { level: 'WARN' } }]] },
  ]
  tap.same(
    linesOf(streams, false).map(({ text }) => text),
    ['first', 'second', 'third'],
  )
  tap.same(
    linesOf(streams, true).map(({ text, level }) => [text, level]),
    [
      ['third', 'unknown'],
      ['second', 'warning'],
      ['first', 'unknown'],
    ],
  )
  tap.end()
})

void t.test('levels by their many names', (tap) => {
  tap.same(['FATAL', 'err', 'Warn', 'notice', 'trace', '', undefined, 'constructor'].map(levelOf), [
    'critical',
    'error',
    'warning',
    'info',
    'trace',
    'unknown',
    'unknown',
    'unknown',
  ])
  tap.end()
})

void t.test('names that every object has are not fields', (tap) => {
  const [line] = linesOf(
    [{ stream: JSON.parse('{"a":"1","__proto__":"p"}'), values: [['1000000', 'x']] }],
    true,
  )
  tap.equal(fieldOf(line!, 'constructor'), undefined)
  tap.equal(fieldOf(line!, '__proto__'), 'p')
  tap.ok(sameLine(line!, { ...line!, labels: { ...line!.labels, ['__proto__']: 'p' } }))
  tap.notOk(sameLine(line!, { ...line!, labels: { a: '1' } }))
  tap.end()
})
