/** Which hosts a `no_proxy` list covers. */
import t from 'tap'
import { bypasses } from '../../../../lib/net/client/proxy.ts'

void t.test('no_proxy', (t) => {
  const cases: [url: string, list: string, direct: boolean][] = [
    ['http://loki:3100/', '', false],
    ['http://loki:3100/', '*', true],
    ['http://loki:3100/', 'other, LOKI', true],
    ['http://loki:3100/', 'loki:3100', true],
    ['http://loki:3100/', 'loki:80', false],
    ['http://a.example.org/', 'example.org', true],
    ['http://a.example.org/', '.example.org', true],
    ['http://badexample.org/', 'example.org', false],
    ['http://10.1.2.3/', '10.0.0.0/8', true],
    ['http://11.1.2.3/', '10.0.0.0/8', false],
    ['http://11.1.2.3/', '0.0.0.0/0', true],
    ['http://10.1.2.3/', '10.1.2.3/32', true],
    ['http://10.1.2.3/', '10.0.0.0/x', false],
    ['http://loki/', '10.0.0.0/8', false],
    ['http://10.1.2.3/', '10.0.0.0/33', false],
    ['http://10.1.2.3/', 'fd00::/8', false],
    ['http://[fd00::1]:3100/', 'fd00::/8', true],
    ['http://[fe80::1]/', 'fd00::/8', false],
    ['http://[::1]:3100/', '::1', true],
  ]
  for (const [url, list, direct] of cases) t.equal(bypasses(new URL(url), list), direct, `${url} ${list}`)
  t.end()
})
