import t from 'tap'
import {
  HIDDEN,
  isSensitive,
  scrub,
  scrubbed,
  secretRangesInUrls,
  secretValues,
} from '../../../lib/admin/secrets.ts'

const secret = (text: string) => ({ kind: 'secret', text, optional: false })

void t.test('secrets of decoded options, however deep they lie', (tap) => {
  class Gate {
    readonly password = 'of the run-time'
  }
  const circle: Record<string, unknown> = { token: 'in a circle' }
  circle['self'] = circle
  const found = secretValues(
    {
      plain: 'shown',
      basic_auth: { username: 'me', password: secret('pw-1') },
      endpoint: [{ url: 'http://user:p%40ss-2@host/push?token=query-3&limit=5' }],
      http_headers: new Map([['X-Key', [secret('header-4')]]]),
      headers: new Map([['X-Other', 'header-5']]),
      labels: new Map([
        ['api_key', 'label-6'],
        ['job', 'shown too'],
      ]),
      stage: [{ name: 'x', options: { auth: { client_secret: secret('deep-7') } } }],
      password_file: '/run/secrets/password',
      token_url: 'https://idp.example/token',
      forward_to: [new Gate()],
      nothing: null,
    },
    new Map([['content', secret('export-8')]]),
    circle,
  )
  tap.same(
    new Set([
      'pw-1',
      'user:p%40ss-2',
      'p%40ss-2',
      'p@ss-2',
      'query-3',
      'header-4',
      'header-5',
      'label-6',
      'deep-7',
      'export-8',
      'in a circle',
    ]),
    found,
  )
  tap.end()
})

void t.test('secrets leave a text in every form', (tap) => {
  const key = '-----BEGIN KEY-----\nMHcCAQEEIIrYSSNQFaA2Hwf1\nshort\n-----END KEY-----\n'
  const cases: [string, string, string][] = [
    ['abcd', 'x abcd y abcd', `x ${HIDDEN} y ${HIDDEN}`],
    ['a"b\n', 'said: "a\\"b\\n"', `said: "${HIDDEN}"`],
    ['p@ss word', 'http://u:p%40ss%20word@h', `http://u:${HIDDEN}@h`],
    ['Bearer abcd', 'token abcd', `token ${HIDDEN}`],
    [' abcd\n', 'has abcd.', `has ${HIDDEN}.`],
    [key, 'line MHcCAQEEIIrYSSNQFaA2Hwf1 of it', `line ${HIDDEN} of it`],
    ['abc', 'too short to be told from abc', 'too short to be told from abc'],
    ['', 'nothing', 'nothing'],
    ['$&aa', 'no pattern: $&aa', `no pattern: ${HIDDEN}`],
  ]
  for (const [value, text, expected] of cases) tap.equal(scrub(text, [value]), expected, value)
  tap.equal(scrub('abcdefgh', ['abcd', 'abcdefgh']), HIDDEN, 'the longest first')
  tap.strictSame(scrubbed({ name: ['a name', 1, null, { name: 'x name' }] }, new Set(['name'])), {
    name: [`a ${HIDDEN}`, 1, null, { name: `x ${HIDDEN}` }],
  })
  tap.end()
})

void t.test('URLs', (tap) => {
  const parts = (text: string): string[] =>
    secretRangesInUrls(text).map(({ start, end }) => text.slice(start, end))
  tap.same(parts('"http://u:p@h/x" and https://t0ken@g'), ['u:p', 't0ken'])
  tap.same(parts('https://h/x?a=1&access_token=zz&sig=yy#f'), ['zz', 'yy'])
  tap.same(parts('http://h/a@b mail@example.org {a="x@y"}'), [])
  tap.end()
})

void t.test('telling names', (tap) => {
  for (const name of [
    'password',
    'bearer_token',
    'client_secret',
    'API-Key',
    'apiKey',
    'Authorization',
    'Set-Cookie',
  ])
    tap.ok(isSensitive(name), name)
  for (const name of ['password_file', 'token_url', 'credentials_file', 'key_file', 'job', 'url'])
    tap.notOk(isSensitive(name), name)
  tap.end()
})
