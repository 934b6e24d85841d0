/** What the blocks of listeners say to the servers. */
import t from 'tap'
import { decodeInput } from '../../../lib/component/decode.ts'
import { httpListenerFields, httpSettings, listenText } from '../../../lib/store/listener.ts'

const decode = (input: object) => decodeInput('http', httpListenerFields, input as Record<string, unknown>)

t.equal(listenText(decode({})), '127.0.0.1:3100')
t.equal(listenText(decode({ listen_address: '::1', listen_port: 1 })), '[::1]:1')
t.same(httpSettings(decode({})), { auth: undefined, tls: undefined })
const full = httpSettings(
  decode({
    basic_auth: { username: 'u', password: 'p' },
    tls: {
      cert_file: 'c',
      key_file: 'k',
      client_ca_file: 'a',
      client_auth_type: 'RequireAndVerifyClientCert',
    },
  }),
)
t.same(full.auth, { basic: { username: 'u', password: 'p' } })
t.match(full.tls, {
  cert_file: 'c',
  key_file: 'k',
  client_ca_file: 'a',
  client_auth_type: 'RequireAndVerifyClientCert',
})
