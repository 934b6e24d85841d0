/** `loki.source.kafka`: what of its arguments is good. */
import t from 'tap'
import { supervised } from '../../../support/supervised.ts'

const GOOD = `
test.sink "s" { }
loki.relabel "r" { forward_to = [] }
loki.source.kafka "x" {
  brokers = ["b:9092"]
  topics  = ["t", "^logs-.*"]
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

void t.test('good arguments', async (t) => {
  t.same(await supervised(t).check(GOOD), [])
})

void t.test('empty strings are taken for the defaults, as the converter writes them', async (t) => {
  const empty = 'brokers = ["b"]\ntopics = ["t"]\nversion = ""\nassignor = ""\nauthentication { type = "" }'
  t.same(await supervised(t).check(`loki.source.kafka "x" {\nforward_to = []\n${empty}\n}`), [])
})

void t.test('mistakes', async (t) => {
  const source = (text: string): string => `loki.source.kafka "x" {\nforward_to = []\n${text}\n}`
  for (const [text, message] of [
    [source('brokers = []\ntopics = ["t"]'), /c:3:1 brokers: name at least one/],
    [source('brokers = ["b:9092:1"]\ntopics = ["t"]'), /c:3:1 brokers: expected host:port/],
    [source('brokers = ["b"]\ntopics = []'), /c:4:1 topics: name at least one/],
    [source('brokers = ["b"]\ntopics = ["^(a"]'), /c:4:1 topics: /],
    [source('brokers = ["b"]\ntopics = ["t"]\nversion = "new"'), /c:5:1 version: expected a version such as/],
    [
      source('brokers = ["b"]\ntopics = ["t"]\nassignor = "any"'),
      /c:5:12 assignor: expected one of "", "range"/,
    ],
    [
      source('brokers = ["b"]\ntopics = ["t"]\nauthentication { type = "oauth" }'),
      /type: expected one of "", "none", "ssl", "sasl"/,
    ],
    [
      source('brokers = ["b"]\ntopics = ["t"]\nauthentication {\nsasl_config {\noauth_config { }\n}\n}'),
      /missing required attribute "token_provider"/,
    ],
    [
      source(
        'brokers = ["b"]\ntopics = ["t"]\nauthentication {\ntype = "sasl"\nsasl_config {\nmechanism = "OAUTHBEARER"\n}\n}',
      ),
      /c:8:1 mechanism: logstream cannot fetch OAuth tokens/,
    ],
    [
      source(
        'brokers = ["b"]\ntopics = ["t"]\nauthentication {\ntype = "ssl"\ntls_config {\nca_file = "/none"\n}\n}',
      ),
      /ca_file/,
    ],
  ] as const)
    t.match((await supervised(t).check(text)).join('\n'), message, text)
})
