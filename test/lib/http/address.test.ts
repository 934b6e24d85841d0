import { createServer, type AddressInfo } from 'node:net'
import t from 'tap'
import { listenOn } from '../../../lib/http/address.ts'

void t.test('an address that cannot be had says what to do', async (tap) => {
  const first = createServer()
  await listenOn(first, 'localhost', 0)
  tap.teardown(() => first.close())
  const { address, port } = first.address() as AddressInfo
  const cases: [string, number, RegExp][] = [
    [address, port, /cannot listen on .*: the port is taken. Find by whom with: ss -ltnp/],
    ['192.0.2.1', 0, /no network interface of this machine has that address/],
    ['no-such-host.invalid', 0, /the name has no address here/],
  ]
  for (const [host, at, message] of cases)
    await tap.rejects(listenOn(createServer(), host, at), { code: 'LISTEN', message })
  tap.equal(first.listenerCount('error'), 0)
})
