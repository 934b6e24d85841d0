/** `loki.source.journal`: what of its arguments is good. */
import t from 'tap'
import { supervised } from '../../../support/supervised.ts'

const GOOD = `
test.sink "s" { }
loki.relabel "r" { forward_to = [] }
loki.source.journal "x" {
  forward_to = [test.sink.s.receiver]
  max_age    = "1h"
  legacy_position {
    file = "/p"
    name = "j"
  }
}
`

void t.test('good arguments are refused only because it cannot run yet', async (t) => {
  const found = await supervised(t).check(GOOD)
  t.equal(found.length, 1)
  t.match(found[0], /logstream does not have loki\.source\.journal: /)
})

void t.test('mistakes', async (t) => {
  for (const [text, message] of [
    [
      'loki.source.journal "x" {\nforward_to = []\nlegacy_position { }\n}',
      /missing required attribute "file"[^]*missing required attribute "name"/,
    ],
    ['loki.source.journal "x" {\nforward_to = []\nmax_age = 3\n}', /c:3:11 max_age: /],
  ] as const)
    t.match((await supervised(t).check(text)).join('\n'), message, text)
})
