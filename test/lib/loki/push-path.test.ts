import t from 'tap'
import { isAddress, withPushPath } from '../../../lib/loki/push-path.ts'

void t.test("Loki's address gets the path of pushes, a push URL stays as it is", (t) => {
  const cases: [string, string][] = [
    ['http://h:3100', 'http://h:3100/loki/api/v1/push'],
    ['https://u:p@h/?x=1', 'https://u:p@h/loki/api/v1/push?x=1'],
    ['http://h/own/path', 'http://h/own/path'],
    ['grpc://h:9095', 'grpc://h:9095'],
  ]
  for (const [given, expected] of cases) {
    const url = new URL(given)
    t.equal(withPushPath(url).href, expected)
    t.equal(isAddress(url), expected.length > given.length)
    t.equal(url.href, new URL(given).href, 'the URL that was given is unchanged')
  }
  t.end()
})
