/** Headers that can be sent, and what of them is sent. */
import t from 'tap'
import { checkHeaders, headersOf, type HeaderOptions } from '../../../../lib/net/client/headers.ts'
import { refusal } from '../../../support/stage-run.ts'

const of = (headers: Record<string, string>, secrets: Record<string, string[]> = {}): HeaderOptions => ({
  headers: new Map(Object.entries(headers)),
  http_headers: new Map(
    Object.entries(secrets).map(([name, values]) => [
      name,
      values.map((text) => ({ kind: 'secret', text, optional: false }) as const),
    ]),
  ),
})

void t.test('names and values', (t) => {
  for (const [options, refused] of [
    [of({ 'X-A': 'b é\t' }, { 'X-B': ['c', ''] }), 'built'],
    [of({ 'X A': 'b' }), 'BAD_CONFIG headers'],
    [of({ '': 'b' }), 'BAD_CONFIG headers'],
    [of({ 'X-A': 'b\r\nX-C: d' }), 'BAD_CONFIG headers'],
    [of({}, { 'X-B': ['good', 'bad\n'] }), 'BAD_CONFIG headers'],
  ] as const)
    t.equal(
      refusal(() => checkHeaders(options)),
      refused,
    )
  t.throws(() => checkHeaders(of({}, { 'X-B': ['secret\n'] })), {
    message: `headers: the value of "X-B" has characters that aren't allowed in a header`,
  })
  t.end()
})

void t.test('one name in both: the secret one', (t) => {
  t.same(headersOf(of({ 'X-A': '1', 'X-B': '2' }, { 'x-b': ['3', '4'] })), { 'x-a': '1', 'x-b': ['3', '4'] })
  t.end()
})
