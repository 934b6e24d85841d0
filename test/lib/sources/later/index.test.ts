/** Sources that do not run yet: their arguments are checked, and a start says what to use. */
import t from 'tap'
import { supervised } from '../../../support/supervised.ts'

const good: Readonly<Record<string, string>> = {
  'loki.source.api': `
    http { listen_port = 9999 }
    forward_to = [test.sink.s.receiver]
    labels = {a = "b"}
    relabel_rules = loki.relabel.r.rules`,
  'loki.source.journal': `
    forward_to = [test.sink.s.receiver]
    max_age = "1h"
    legacy_position {
      file = "/p"
      name = "j"
    }`,
  'loki.source.docker': `
    host = "unix:///var/run/docker.sock"
    targets = discovery.docker.d.targets
    forward_to = [test.sink.s.receiver]`,
  'loki.source.kafka': `
    brokers = ["b:9092"]
    topics = ["t"]
    authentication {
      type = "sasl"
      sasl_config {
        mechanism = "SCRAM-SHA-512"
        user = "u"
        password = "p"
      }
    }
    forward_to = [test.sink.s.receiver]`,
}

const AROUND = `
test.sink "s" { }
loki.relabel "r" { forward_to = [] }
discovery.docker "d" {
  host = "tcp://localhost:2375"
  filter {
    name   = "status"
    values = ["running"]
  }
}
`

for (const [name, body] of Object.entries(good))
  void t.test(name, async (t) => {
    const around = name === 'loki.source.docker' ? AROUND : AROUND.split('discovery.docker')[0]!
    const config = `${around}${name} "x" {${body}\n}`
    t.same(await supervised(t).check(config), [])
    await t.rejects(supervised(t).load(config), {
      code: 'BAD_CONFIG',
      message: /cannot run in this version: /,
    })
  })

void t.test('mistakes', async (t) => {
  const forward = 'forward_to = []'
  for (const [text, message] of [
    [`loki.source.api "x" {\n${forward}\nhttp { }\nhttp { }\n}`, /block "http" is written twice/],
    [
      `loki.source.api "x" {\n${forward}\nuse_incoming_timestamp = 1\n}`,
      /use_incoming_timestamp: expected bool/,
    ],
    [`loki.source.api "x" {\n${forward}\nrelabel_rules = "x"\n}`, /relabel_rules: expected capsule/],
    [`loki.source.journal "x" {\n${forward}\nlegacy_position { }\n}`, /missing required attribute "file"/],
    [`loki.source.docker "x" {\n${forward}\nhost = "here"\ntargets = []\n}`, /host: expected a URL/],
    [`discovery.docker "x" { host = "here" }`, /host: expected a URL/],
    [`loki.source.kafka "x" {\n${forward}\nbrokers = []\ntopics = ["t"]\n}`, /name at least one broker/],
    [`loki.source.kafka "x" {\n${forward}\nbrokers = ["b"]\ntopics = []\n}`, /name at least one topic/],
    [
      `loki.source.kafka "x" {\n${forward}\nbrokers = ["b"]\ntopics = ["t"]\nversion = "new"\n}`,
      /expected a version such as/,
    ],
    [
      `loki.source.kafka "x" {\n${forward}\nbrokers = ["b"]\ntopics = ["t"]\nassignor = "any"\n}`,
      /assignor: expected one of "range"/,
    ],
  ] as const)
    t.match((await supervised(t).check(text)).join('\n'), message, text)
})
