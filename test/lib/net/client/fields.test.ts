import t from 'tap'
import { decodeInput } from '../../../../lib/component/decode.ts'
import { clientFields } from '../../../../lib/net/client/fields.ts'

void t.test('a client without arguments has no credentials, no proxy and checked certificates', (tap) => {
  const options = decodeInput('client', clientFields, {})
  tap.match(options, {
    basic_auth: undefined,
    authorization: undefined,
    oauth2: undefined,
    bearer_token: { text: '' },
    bearer_token_file: '',
    proxy_url: '',
    proxy_from_environment: false,
    tls_config: { insecure_skip_verify: false, server_name: '', min_version: '' },
    follow_redirects: true,
    enable_http2: true,
  })
  tap.equal(options.http_headers.size, 0)
  tap.end()
})

void t.test('secrets stay secrets, TLS versions are known ones', (tap) => {
  const options = decodeInput('client', clientFields, {
    basic_auth: { username: 'u', password: 'p' },
    http_headers: { 'X-Key': ['k'] },
  })
  tap.match(options.basic_auth, { username: 'u', password: { kind: 'secret', text: 'p' } })
  tap.match(options.http_headers.get('X-Key'), [{ kind: 'secret', text: 'k' }])
  tap.throws(() => decodeInput('client', clientFields, { tls_config: { min_version: 'TLS9' } }), /TLS13/)
  tap.throws(
    () => decodeInput('client', clientFields, { basic_auth: { user: 'u' } } as Record<string, unknown>),
    /user/,
  )
  tap.end()
})
