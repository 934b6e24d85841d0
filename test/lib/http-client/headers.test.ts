import t from 'tap'
import type { Secret } from '../../../lib/alloy/value.ts'
import { checkHeaders, headersOf, type HeaderOptions } from '../../../lib/http-client/headers.ts'

const secret = (text: string): Secret => ({ kind: 'secret', text, optional: false })

function headers(plain: Record<string, string>, secrets: Record<string, string[]> = {}): HeaderOptions {
  return {
    headers: new Map(Object.entries(plain)),
    http_headers: new Map(Object.entries(secrets).map(([name, values]) => [name, values.map(secret)])),
  }
}

void t.test('what can be sent', (tap) => {
  checkHeaders(headers({ 'X-Scope.~1': 'tab\t and \xe9 \x80', empty: '' }, { a: ['1', '2'] }))
  const cases: [HeaderOptions, RegExp][] = [
    [headers({ 'a b': 'x' }), /^headers: "a b" cannot be the name of a header/],
    [headers({ '': 'x' }), /"" cannot be the name/],
    [headers({ 'a:': 'x' }), /"a:" cannot be the name/],
    [
      headers({ a: 'x\r\nInjected: 1' }),
      /^headers: the value of "a" has characters that no header can carry$/,
    ],
    [headers({ a: '€' }), /the value of "a"/],
    [
      headers({}, { b: ['fine', 'top secret\n'] }),
      /^headers: the value of "b" has characters that no header can carry$/,
    ],
  ]
  for (const [given, message] of cases)
    tap.throws(() => checkHeaders(given), { code: 'BAD_CONFIG', option: 'headers', message }, String(message))
  tap.end()
})

void t.test('names are folded, secret headers win', (tap) => {
  tap.same(headersOf(headers({ 'X-A': '1', 'X-B': '2' }, { 'x-b': ['3', '4'] })), {
    'x-a': '1',
    'x-b': ['3', '4'],
  })
  tap.end()
})
