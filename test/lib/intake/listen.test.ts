import t from 'tap'
import { formatAddress, listenError, parseListenAddress, plainIp } from '../../../lib/intake/listen.ts'

void t.test('addresses', async (t) => {
  t.strictSame(parseListenAddress('127.0.0.1:514'), { host: '127.0.0.1', port: 514 })
  t.strictSame(parseListenAddress('[::1]:514'), { host: '::1', port: 514 })
  t.strictSame(parseListenAddress(':0'), { host: '', port: 0 })
  for (const bad of ['', '514', 'host', 'host:', 'host:65536', '::1:514', 'a:b'])
    t.throws(() => parseListenAddress(bad), { code: 'BAD_ARGUMENT', option: 'address' }, bad)
  t.equal(formatAddress('::1', 514), '[::1]:514')
  t.equal(plainIp('::ffff:10.0.0.1'), '10.0.0.1')
  t.equal(plainIp('::ffff:abcd'), '::ffff:abcd')
})

void t.test('errors say what to do', async (t) => {
  const at = { host: '127.0.0.1', port: 514 }
  const message = (code: string, protocol: 'tcp' | 'udp' = 'tcp'): string =>
    listenError(Object.assign(new Error('no'), { code }), protocol, at).message
  t.match(
    message('EADDRINUSE'),
    /^cannot listen on tcp 127\.0\.0\.1:514: the port is taken.* ss -ltnp 'sport = :514'/,
  )
  t.match(message('EADDRINUSE', 'udp'), /ss -lunp/)
  t.match(message('EACCES'), /CAP_NET_BIND_SERVICE/)
  t.match(message('EADDRNOTAVAIL'), /no address 127\.0\.0\.1/)
  t.match(message('ENOTFOUND'), /write an IP address/)
  t.match(message('EOTHER'), /: no$/)
})
