/** `loki.source.api`: what of its arguments is good. */
import t from 'tap'
import { supervised } from '../../../support/supervised.ts'

const GOOD = `
test.sink "s" { }
loki.relabel "r" { forward_to = [] }
loki.source.api "x" {
  http { listen_port = 9999 }
  grpc { }
  forward_to    = [test.sink.s.receiver]
  labels        = {a = "b"}
  relabel_rules = loki.relabel.r.rules
}
`

void t.test('good arguments are refused only because it cannot run yet', async (t) => {
  const found = await supervised(t).check(GOOD)
  t.equal(found.length, 1)
  t.match(found[0], /logstream does not have loki\.source\.api: /)
})

void t.test('mistakes', async (t) => {
  for (const [text, message] of [
    [
      'loki.source.api "x" {\nforward_to = []\nhttp { }\nhttp { }\n}',
      /c:3:1 block "http" is written twice[^]*c:4:1 block "http" is written twice/,
    ],
    [
      'loki.source.api "x" {\nforward_to = []\nhttp { listen_port = "a" }\n}',
      /c:3:22 listen_port: expected number/,
    ],
    ['loki.source.api "x" {\nforward_to = []\nmax_send_message_size = 10\n}', /max_send_message_size: /],
  ] as const)
    t.match((await supervised(t).check(text)).join('\n'), message, text)
})
