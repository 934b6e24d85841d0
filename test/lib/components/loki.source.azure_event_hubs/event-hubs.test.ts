/** `loki.source.azure_event_hubs`: what of its arguments is good. */
import t from 'tap'
import { supervised } from '../../../support/supervised.ts'

const config = (authentication: string, more = ''): string => `
loki.source.azure_event_hubs "x" {
  fully_qualified_namespace = "ns.servicebus.windows.net:9093"
  event_hubs                = ["logs"]
  forward_to                = []
  authentication {
    ${authentication}
  }
  ${more}
}`

const GOOD = 'mechanism = "connection_string"\nconnection_string = "Endpoint=sb://ns/;SharedAccessKey=s3cret"'

void t.test('good arguments, and mistakes', async (tap) => {
  tap.same(await supervised(tap).check(config(GOOD)), [])
  for (const [text, message] of [
    [config('mechanism = "oauth"'), /c:7:5 mechanism: logstream cannot fetch OAuth tokens/],
    [config('mechanism = "connection_string"'), /c:7:5 connection_string: it is needed/],
    [config('mechanism = "cert"'), /mechanism: expected one of "connection_string", "oauth"/],
    [config(GOOD, 'assignor = ""'), /assignor: expected one of/],
    [config(GOOD).replace('["logs"]', '[]'), /c:4:3 event_hubs: name at least one/],
    [config(GOOD).replace(':9093', ':x'), /c:3:3 fully_qualified_namespace: expected host:port/],
    [config(GOOD).replace(/authentication \{[^}]*\}/, ''), /missing required block "authentication"/],
  ] as const) {
    const found = (await supervised(tap).check(text)).join('\n')
    tap.match(found, message)
    tap.notMatch(found, 's3cret')
  }
})
