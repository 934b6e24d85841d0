import { once } from 'node:events'
import { createServer, type AddressInfo } from 'node:net'
import t from 'tap'
import { unreachable } from '../../../../lib/net/client/unreachable.ts'

void t.test('says what to do about a server that cannot be reached', async (tap) => {
  const server = createServer().listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as AddressInfo
  server.close()
  await once(server, 'close')
  const error: unknown = await fetch(`http://127.0.0.1:${port}`).catch((cause: unknown) => cause)
  tap.match(unreachable(error), /ECONNREFUSED.*; nothing listens there$/)
})

void t.test('an error without a known code is told as it is', (tap) => {
  tap.equal(unreachable(new Error('closed')), 'closed')
  tap.equal(unreachable('odd'), 'odd')
  tap.equal(
    unreachable(Object.assign(new Error('certificate has expired'), { code: 'CERT_HAS_EXPIRED' })),
    "certificate has expired; renew the server's certificate, or check this machine's clock",
  )
  tap.end()
})
