import { Socket } from 'node:net'
import t from 'tap'
import { actionGuard, contentGuard } from '../../../lib/admin/guards.ts'
import type { AuthSettings } from '../../../lib/net/server/auth.ts'
import type { Request } from '../../../lib/net/server/router.ts'
import { httpRequest, incomingMessage } from '../../support/http-request.ts'

function from(remoteAddress: string | undefined, path = '/api/x', user?: string): Request {
  const socket = Object.defineProperty(new Socket(), 'remoteAddress', { value: remoteAddress })
  const headers = user === undefined ? {} : { authorization: `Basic ${Buffer.from(user).toString('base64')}` }
  return httpRequest({ path, headers, raw: incomingMessage({}, [], socket) })
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

void t.test('this machine acts, others need authentication or the flag', (tap) => {
  const none = actionGuard(() => undefined, false)
  tap.equal(none(from('127.0.0.1')), undefined)
  tap.match(none(from('10.0.0.1')), /--server\.http\.allow-actions/)
  tap.equal(actionGuard(() => undefined, true)(from('10.0.0.1')), undefined, 'the flag')
  const guard = actionGuard(() => ({ basic }), false)
  tap.equal(guard(from('10.0.0.1', '/x', 'u:p')), undefined)
  tap.end()
})

void t.test('the read-only user sees, and acts from nowhere', (tap) => {
  const auth: AuthSettings = {
    basic,
    readOnly: { username: 'guest', password: 'g' },
    filter: { paths: ['/api/'], authenticateMatchingPaths: false },
  }
  for (const open of [false, true]) {
    const guard = actionGuard(() => auth, open)
    for (const address of ['127.0.0.1', '10.0.0.1']) {
      tap.match(guard(from(address, '/x', 'guest:g')), /"guest" may look and not act/)
      tap.match(guard(from(address)), /needs the user/, 'an exempted path is no way around it')
      tap.match(guard(from(address, '/x', 'guest:p')), /needs the user/)
      tap.equal(guard(from(address, '/x', 'u:p')), undefined)
    }
  }
  tap.equal(contentGuard(() => auth, false)(from('10.0.0.1', '/x', 'guest:g')), undefined)
  tap.end()
})
