import t from 'tap'
import { redactUrl } from '../../../lib/loki/transport.ts'

void t.test('no message shows a password', (tap) => {
  const cases: [string, string][] = [
    ['http://loki:3100/loki/api/v1/push', 'http://loki:3100/loki/api/v1/push'],
    ['http://user:hush@loki:3100/push?a=1', 'http://redacted@loki:3100/push?a=1'],
    ['http://user@loki/', 'http://redacted@loki/'],
    ['http://:hush@loki/', 'http://redacted@loki/'],
  ]
  for (const [given, shown] of cases) {
    const url = new URL(given)
    tap.equal(redactUrl(url), shown)
    tap.equal(url.href, given, 'the URL itself is left alone')
  }
  tap.end()
})
