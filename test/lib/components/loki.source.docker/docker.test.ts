/** `loki.source.docker` and `discovery.docker`: what of their arguments is good. */
import t from 'tap'
import { supervised } from '../../../support/supervised.ts'

const GOOD = `
test.sink "s" { }
discovery.docker "d" {
  host = "tcp://localhost:2375"
  filter {
    name   = "status"
    values = ["running"]
  }
}
loki.source.docker "x" {
  host       = "unix:///var/run/docker.sock"
  targets    = discovery.docker.d.targets
  forward_to = [test.sink.s.receiver]
}
`

void t.test('a good one validates, and says what to use when it is started', async (t) => {
  t.same(await supervised(t).check(GOOD), [])
  await t.rejects(supervised(t).load(GOOD), {
    code: 'BAD_CONFIG',
    message: /^discovery\.docker cannot run in this version: /,
  })
})

void t.test('mistakes', async (t) => {
  for (const [text, message] of [
    [
      'loki.source.docker "x" {\nforward_to = []\nhost = "here"\ntargets = []\n}',
      /c:3:1 host: expected a URL/,
    ],
    ['discovery.docker "x" { host = "here" }', /host: expected a URL/],
    [
      'discovery.docker "x" {\nhost = "tcp://h"\nfilter { name = "a" }\n}',
      /c:3:1 missing required attribute "values"/,
    ],
  ] as const)
    t.match((await supervised(t).check(text)).join('\n'), message, text)
})
