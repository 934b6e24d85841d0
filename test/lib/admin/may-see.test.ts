import { Socket } from 'node:net'
import t from 'tap'
import { contentGuard } from '../../../lib/admin/may-see.ts'
import type { AuthSettings } from '../../../lib/net/server/auth.ts'
import type { Request } from '../../../lib/net/server/router.ts'
import { httpRequest, incomingMessage } from '../../support/http-request.ts'

function from(remoteAddress: string | undefined, path = '/api/x'): Request {
  const socket = Object.defineProperty(new Socket(), 'remoteAddress', { value: remoteAddress })
  return httpRequest({ path, raw: incomingMessage({}, [], socket) })
}

const basic = { username: 'u', password: 'p' }

void t.test('this machine sees log lines, others need authentication or the flag', (tap) => {
  const open = contentGuard(() => undefined, false)
  for (const address of ['127.0.0.1', '127.9.9.9', '::1', '::ffff:127.0.0.1'])
    tap.equal(open(from(address)), undefined, address)
  for (const address of ['192.168.0.7', '10.127.0.1', '::ffff:10.0.0.1', 'fe80::1', undefined])
    tap.match(open(from(address)), /only with authentication/, String(address))
  tap.equal(contentGuard(() => undefined, true)(from('192.168.0.7')), undefined, 'the flag')
  tap.end()
})

void t.test('what the filter exempts was not authenticated', (tap) => {
  const settings: { auth: AuthSettings } = { auth: { basic } }
  const guard = contentGuard(() => settings.auth, false)
  tap.equal(guard(from('10.0.0.1')), undefined)
  settings.auth = { basic, filter: { paths: ['/api/'], authenticateMatchingPaths: false } }
  tap.match(guard(from('10.0.0.1')), /only with authentication/)
  settings.auth = { basic, filter: { paths: [], authenticateMatchingPaths: true } }
  tap.match(guard(from('10.0.0.1')), /only with authentication/, 'an empty filter turns authentication off')
  settings.auth = { filter: { paths: ['/'], authenticateMatchingPaths: true } }
  tap.match(guard(from('10.0.0.1')), /only with authentication/, 'a filter alone asks for nothing')
  tap.end()
})
