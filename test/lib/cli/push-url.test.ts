import t from 'tap'
import { pushUrl } from '../../../lib/cli/push-url.ts'

void t.test('a Loki named in short', (tap) => {
  const cases: [string, string][] = [
    ['http://127.0.0.1:3100', 'http://127.0.0.1:3100/loki/api/v1/push'],
    ['https://loki.example/', 'https://loki.example/loki/api/v1/push'],
    ['http://user:secret@h:3100', 'http://user:secret@h:3100/loki/api/v1/push'],
    ['http://h:3100/own/path', 'http://h:3100/own/path'],
    ['grpc://h:9095', 'grpc://h:9095'],
    ['grpcs://h:9095', 'grpcs://h:9095'],
  ]
  for (const [given, expected] of cases) tap.equal(pushUrl(given), expected)
  for (const given of ['', 'localhost:3100', 'ftp://h', '//h', 'http://'])
    tap.throws(() => pushUrl(given), { code: 'BAD_USAGE', message: /expected the URL of a Loki/ }, given)
  tap.end()
})
