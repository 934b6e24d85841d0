/** `loki.sink.kafka`: what of its arguments is good. */
import t from 'tap'
import { supervised } from '../../../support/supervised.ts'

const config = (text: string): string => `loki.sink.kafka "x" {\n${text}\n}`

void t.test('good arguments', async (tap) => {
  tap.same(await supervised(tap).check(config('brokers = ["b:9092"]\ntopic = "logs"')), [])
  const all = `
    brokers         = ["b", "[::1]:9093"]
    topic           = "logs"
    compression     = "lz4"
    external_labels = {site = "a"}
    authentication {
      type = "sasl"
      sasl_config {
        mechanism = "SCRAM-SHA-256"
        user      = "u"
        password  = "p"
        use_tls   = true
      }
    }
    queue_config { shards = 4 }
    spool { max_size = "10GB" }`
  tap.same(await supervised(tap).check(config(all)), [])
})

void t.test('mistakes', async (tap) => {
  for (const [text, message] of [
    ['brokers = []\ntopic = "t"', /c:2:1 brokers: name at least one/],
    ['brokers = ["b:99999"]\ntopic = "t"', /c:2:1 brokers: expected host:port.*found "b:99999"/],
    ['brokers = ["b"]\ntopic = ""', /c:3:1 topic: expected the name of a topic/],
    ['brokers = ["b"]\ntopic = "t"\ncompression = "rar"', /compression: expected one of "none", "gzip"/],
    ['brokers = ["b"]\ntopic = "t"\nqueue_config { shards = 0 }', /shards: expected at least 1/],
    [
      'brokers = ["b"]\ntopic = "t"\nauthentication {\ntype = "sasl"\nsasl_config { mechanism = "OAUTHBEARER" }\n}',
      /c:6:15 mechanism: logstream cannot fetch OAuth tokens/,
    ],
  ] as const)
    tap.match((await supervised(tap).check(config(text))).join('\n'), message, text)
})
