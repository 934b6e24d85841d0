import t from 'tap'
import { marshalLine } from '../../../lib/telemetry/log-format.ts'

const AT = new Date('2026-01-02T03:04:05.678Z')

void t.test('logfmt quotes what needs it', (tap) => {
  tap.equal(
    marshalLine('logfmt', AT, 'info', 'two words', {
      plain: 'x',
      empty: '',
      eq: 'a=b',
      quote: 'a"b',
      nl: 'a\nb',
      n: 1,
      no: undefined,
    }),
    'ts=2026-01-02T03:04:05.678Z level=info msg="two words" plain=x empty="" eq="a=b" quote="a\\"b" nl="a\\nb" n=1',
  )
  tap.notMatch(
    marshalLine('logfmt', AT, 'info', 'a\u0000\u001b[31m\r', {}),
    /[\p{Cc}]/u,
    'no control character comes through',
  )
  tap.end()
})

void t.test('JSON keeps types', (tap) => {
  tap.same(JSON.parse(marshalLine('json', AT, 'warn', 'm\n', { n: 1, yes: true, no: undefined })), {
    ts: '2026-01-02T03:04:05.678Z',
    level: 'warn',
    msg: 'm\n',
    n: 1,
    yes: true,
  })
  tap.end()
})
