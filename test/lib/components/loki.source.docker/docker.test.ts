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

void t.test('good arguments are refused only because it cannot run yet', async (t) => {
  const found = await supervised(t).check(GOOD)
  t.match(found, [/have discovery\.docker: read /], 'what depends on it is not looked at')
  const alone = GOOD.replace(/discovery\.docker "d" \{[^]*?\n\}\n/, '').replace(
    /discovery\.docker\.d\.targets/,
    '[]',
  )
  t.match(await supervised(t).check(alone), [/have loki\.source\.docker: read /])
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
