import { createServer, type AddressInfo } from 'node:net'
import t from 'tap'
import { listenAddress, listenOn } from '../../../../lib/net/server/address.ts'

void t.test('an address that cannot be had says what to do', async (tap) => {
  const first = createServer()
  await listenOn(first, 'localhost', 0)
  tap.teardown(() => first.close())
  const { address, port } = first.address() as AddressInfo
  const cases: [string, number, RegExp][] = [
    [address, port, /cannot listen on .*: the port is taken. See by whom with: ss -ltnp/],
    ['192.0.2.1', 0, /no network interface of this machine has that address/],
    ['no-such-host.invalid', 0, /the name has no address here/],
  ]
  for (const [host, at, message] of cases)
    await tap.rejects(listenOn(createServer(), host, at), { code: 'LISTEN', message })
  tap.equal(first.listenerCount('error'), 0)
})

void t.test('addresses to listen on', (tap) => {
  const cases: [string, string, number][] = [
    ['127.0.0.1:12345', '127.0.0.1', 12345],
    [':80', '127.0.0.1', 80],
    ['[::1]:0', '::1', 0],
    ['localhost:65535', 'localhost', 65535],
  ]
  for (const [given, host, port] of cases) tap.same(listenAddress(given), { host, port })
  for (const bad of [
    '',
    '80',
    'localhost',
    'localhost:',
    'a:b',
    '::1:80',
    'localhost:65536',
    'localhost:-1',
    'http://x:1',
  ])
    tap.throws(() => listenAddress(bad), { code: 'BAD_USAGE', message: /expected an address such as/ }, bad)
  tap.end()
})
