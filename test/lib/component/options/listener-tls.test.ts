import t from 'tap'
import { decodeInput } from '../../../../lib/component/decode.ts'
import {
  listenerTlsFields,
  serverTls,
  wantsTls,
  type ListenerTls,
} from '../../../../lib/component/options/listener-tls.ts'

function tls(given: Readonly<Record<string, unknown>>): ListenerTls {
  return decodeInput('tls_config', listenerTlsFields, given)
}

void t.test('any CA, certificate or key turns TLS on', async (t) => {
  t.notOk(wantsTls(undefined))
  t.notOk(wantsTls(tls({ min_version: 'TLS13', insecure_skip_verify: true })))
  for (const name of ['ca_pem', 'ca_file', 'cert_pem', 'cert_file', 'key_pem', 'key_file'])
    t.ok(wantsTls(tls({ [name]: 'x' })), name)
})

void t.test('what the server gets', async (t) => {
  const given = { cert_pem: 'C', key_pem: 'K' }
  t.match(serverTls(tls({ ...given, min_version: 'TLS13' })), { cert: 'C', key: 'K', minVersion: 'TLSv1.3' })
  t.notOk('requestCert' in serverTls(tls(given)))
  t.match(serverTls(tls({ ...given, ca_pem: 'A' })), { ca: 'A', requestCert: true, rejectUnauthorized: true })
  t.throws(() => serverTls(tls({ ca_pem: 'A', key_pem: 'K' })), {
    code: 'BAD_CONFIG',
    message: /add cert_file/,
  })
  t.throws(() => serverTls(tls({ cert_file: '/no/such', key_pem: 'K' })), {
    code: 'IO',
    message: /\/no\/such/,
  })
})
