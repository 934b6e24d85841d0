import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import t from 'tap'
import { decodeInput } from '../../../../lib/component/decode.ts'
import { tlsFields, type TlsOptions } from '../../../../lib/net/client/fields.ts'
import { tlsSettings } from '../../../../lib/net/client/tls.ts'

const options = (given: Record<string, unknown>): TlsOptions => decodeInput('tls_config', tlsFields, given)

void t.test('settings as node:tls wants them', (tap) => {
  const folder = tap.testdir()
  const file = join(folder, 'key.pem')
  writeFileSync(file, 'KEY FROM A FILE')
  tap.same(tlsSettings(undefined), { rejectUnauthorized: true })
  tap.match(tlsSettings(options({})), {
    rejectUnauthorized: true,
    servername: undefined,
    minVersion: undefined,
  })
  tap.same(
    tlsSettings(
      options({
        ca_pem: 'CA',
        cert_pem: 'CERT',
        key_file: file,
        server_name: 'loki.example',
        insecure_skip_verify: true,
        min_version: 'TLS12',
      }),
    ),
    {
      ca: 'CA',
      cert: 'CERT',
      key: 'KEY FROM A FILE',
      servername: 'loki.example',
      rejectUnauthorized: false,
      minVersion: 'TLSv1.2',
    },
  )
  tap.end()
})

void t.test('what cannot work is refused at once, and no key is repeated', (tap) => {
  const cases: [Record<string, unknown>, string, RegExp, string][] = [
    [{ ca_pem: 'A', ca_file: 'b' }, 'BAD_CONFIG', /ca_pem and ca_file are set: keep one/, 'ca_file'],
    [{ key_pem: 'K', key_file: 'b', cert_pem: 'C' }, 'BAD_CONFIG', /key_pem and key_file/, 'key_file'],
    [{ cert_pem: 'C' }, 'BAD_CONFIG', /certificate without its key/, 'key_file'],
    [{ key_pem: 'VERY-SECRET' }, 'BAD_CONFIG', /key without its certificate/, 'cert_file'],
    [
      { ca_file: '/no/such/ca.pem' },
      'IO',
      /^ca_file: cannot read "\/no\/such\/ca.pem": no such file/,
      'ca_file',
    ],
  ]
  for (const [given, code, message, option] of cases) {
    const refused = (): unknown => tlsSettings(options(given))
    tap.throws(refused, { code, message, option }, String(message))
    tap.throws(refused, { message: /^(?!.*VERY-SECRET)/ })
  }
  tap.end()
})
