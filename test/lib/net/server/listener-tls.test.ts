import t from 'tap'
import { decodeInput } from '../../../../lib/component/decode.ts'
import {
  listenerTls,
  listenerTlsFields,
  wantsTls,
  type ListenerTls,
} from '../../../../lib/net/server/listener-tls.ts'
import { selfSigned } from '../../../support/certificates.ts'

function tls(given: Readonly<Record<string, unknown>>): ListenerTls {
  return decodeInput('tls_config', listenerTlsFields, given)
}

void t.test('any CA, certificate or key turns TLS on', async (t) => {
  t.notOk(wantsTls(undefined))
  t.notOk(wantsTls(tls({ min_version: 'TLS13', insecure_skip_verify: true })))
  for (const name of ['ca_pem', 'ca_file', 'cert_pem', 'cert_file', 'key_pem', 'key_file'])
    t.ok(wantsTls(tls({ [name]: 'x' })), name)
})

void t.test('what the server gets', (t) => {
  const folder = t.testdir()
  const { cert, key } = selfSigned(folder, 'a')
  const stranger = selfSigned(folder, 'b')
  const pair = { cert_pem: cert, key_pem: key }
  t.equal(listenerTls(undefined), undefined)
  t.match(listenerTls(tls({ ...pair, min_version: 'TLS13' })), { cert, key, minVersion: 'TLSv1.3' })
  t.notOk('requestCert' in listenerTls(tls(pair))!)
  t.match(listenerTls(tls({ ...pair, ca_pem: stranger.cert })), {
    ca: stranger.cert,
    requestCert: true,
    rejectUnauthorized: true,
  })
  const cases: [Record<string, unknown>, string, string, RegExp][] = [
    [{ ca_pem: cert, key_pem: key }, 'BAD_CONFIG', 'cert_file', /needs a certificate/],
    [{ cert_file: '/no/such', key_pem: key }, 'IO', 'cert_file', /cannot read "\/no\/such"/],
    [{ ...pair, ca_pem: 'nothing' }, 'BAD_CONFIG', 'ca_pem', /expected a certificate/],
    [{ ...pair, key_pem: stranger.key }, 'BAD_CONFIG', 'key_pem', /doesn't belong/],
  ]
  for (const [given, code, option, message] of cases)
    t.throws(() => listenerTls(tls(given)), { code, option, message }, String(message))
  t.end()
})
