/** `loki.source.kafka`: what of its arguments is good. */
import t from 'tap'
import { supervised } from '../../../support/supervised.ts'

const GOOD = `
test.sink "s" { }
loki.relabel "r" { forward_to = [] }
loki.source.kafka "x" {
  brokers = ["b:9092"]
  topics  = ["t"]
  authentication {
    type = "sasl"
    sasl_config {
      mechanism = "SCRAM-SHA-512"
      user      = "u"
      password  = "p"
    }
  }
  forward_to    = [test.sink.s.receiver]
  relabel_rules = loki.relabel.r.rules
}
`

void t.test('good arguments are refused only because it cannot run yet', async (t) => {
  const found = await supervised(t).check(GOOD)
  t.equal(found.length, 1)
  t.match(found[0], /logstream does not have loki\.source\.kafka: /)
})

void t.test('an empty version and assignor are taken, as the converter writes them', async (t) => {
  const empty = 'brokers = ["b"]\ntopics = ["t"]\nversion = ""\nassignor = ""'
  const found = await supervised(t).check(`loki.source.kafka "x" {\nforward_to = []\n${empty}\n}`)
  t.match(found, [/does not have/])
})

void t.test('mistakes', async (t) => {
  for (const [text, message] of [
    [
      'loki.source.kafka "x" {\nforward_to = []\nbrokers = []\ntopics = ["t"]\n}',
      /c:3:1 brokers: name at least one/,
    ],
    [
      'loki.source.kafka "x" {\nforward_to = []\nbrokers = ["b"]\ntopics = []\n}',
      /c:4:1 topics: name at least one/,
    ],
    [
      'loki.source.kafka "x" {\nforward_to = []\nbrokers = ["b"]\ntopics = ["t"]\nversion = "new"\n}',
      /c:5:1 version: expected a version such as/,
    ],
    [
      'loki.source.kafka "x" {\nforward_to = []\nbrokers = ["b"]\ntopics = ["t"]\nassignor = "any"\n}',
      /c:5:12 assignor: expected one of "", "range"/,
    ],
    [
      'loki.source.kafka "x" {\nforward_to = []\nbrokers = ["b"]\ntopics = ["t"]\nauthentication { type = "oauth" }\n}',
      /type: expected one of "none", "ssl", "sasl"/,
    ],
    [
      'loki.source.kafka "x" {\nforward_to = []\nbrokers = ["b"]\ntopics = ["t"]\nauthentication {\nsasl_config {\noauth_config { }\n}\n}\n}',
      /missing required attribute "token_provider"/,
    ],
  ] as const)
    t.match((await supervised(t).check(text)).join('\n'), message, text)
})
