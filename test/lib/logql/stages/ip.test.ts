import t from 'tap'
import { compileIp } from '../../../../lib/logql/stages/ip.ts'

void t.test('finds addresses', (tap) => {
  for (const [pattern, text, found] of [
    ['10.0.0.0/8', 'from 10.255.0.1:80', true],
    ['10.0.0.0/8', 'from 11.0.0.1', false],
    ['192.168.0.1', '192.168.0.1', true],
    ['192.168.0.1', '192.168.0.11', false],
    ['192.0.2.1-192.0.2.9', 'x=192.0.2.9;', true],
    ['192.0.2.1-192.0.2.9', 'x=192.0.2.10;', false],
    ['0.0.0.0/0', 'no 300.1.2.3 here', false],
    ['0.0.0.0/0', 'no address', false],
    ['0.0.0.0/0', '', false],
    ['2001:db8::/32', 'at 2001:db8::1 now', true],
    ['2001:db8::/32', 'at 2001:db9::1 now', false],
    ['::ffff:192.0.2.9', 'at ::ffff:192.0.2.9 now', true],
    ['2001:db8::1-2001:db8::ff', '[2001:db8::80]', true],
    ['0.0.0.0/0', '1.2.3.4.5 6.7.8.9', true],
  ] as const)
    tap.equal(compileIp(pattern)(text), found, `${pattern} in ${JSON.stringify(text)}`)
  tap.end()
})

void t.test('refuses invalid patterns', (tap) => {
  for (const pattern of [
    '',
    'x',
    '10.0.0',
    '10.0.0.0/33',
    '10.0.0.0/08',
    '10.0.0.9-10.0.0.1',
    '10.0.0.1-::1',
    '1-2',
  ])
    tap.throws(() => compileIp(pattern, 7), { message: /invalid pattern/, offset: 7 }, pattern)
  tap.end()
})
