import { hostname } from 'node:os'
import t from 'tap'
import { refuse, refuseChange } from '../../../../lib/net/server/guard.ts'

void t.test('hosts that can only be this machine, and those that are allowed', (tap) => {
  const fine = [
    '127.0.0.1:12345',
    'localhost',
    'LocalHost:80',
    '[::1]:12345',
    '10.0.0.7',
    'x.localhost:1',
    hostname(),
    'logs.example:80',
  ]
  for (const host of fine) tap.equal(refuse({ host }, ['logs.example']), undefined, host)
  for (const host of [
    'evil.example',
    'evil.example:12345',
    '127.0.0.1.evil.example',
    'localhost.evil.example',
    '',
    undefined,
  ])
    tap.match(refuse({ host }, []), /is not one of this server's/, `${host}`)
  tap.end()
})

void t.test('requests that a page of another site makes', (tap) => {
  const host = '127.0.0.1:12345'
  for (const site of ['cross-site', 'same-site'])
    tap.match(refuse({ host, 'sec-fetch-site': site }, []), /cross-site/)
  for (const site of ['same-origin', 'none', undefined])
    tap.equal(refuse({ host, 'sec-fetch-site': site }, []), undefined)
  for (const origin of ['http://evil.example', 'http://127.0.0.1:9', 'null', 'garbage', ''])
    tap.match(refuse({ host, origin }, []), /is not this server/, origin)
  tap.equal(refuse({ host, origin: `http://${host}` }, []), undefined)
  tap.equal(refuse({ host: 'LOCALHOST:1', origin: 'http://localhost:1' }, []), undefined)
  tap.end()
})

void t.test('what changes something takes a GET on this machine only', (tap) => {
  for (const host of ['127.0.0.1:12345', '127.1.2.3', 'localhost:1', '[::1]:12345'])
    tap.equal(refuseChange('GET', { host }), undefined, host)
  for (const host of [
    '10.0.0.7:12345',
    '192.168.1.2',
    'logs.example',
    '[fd00::1]:1',
    '127.evil.example',
    undefined,
  ])
    tap.match(refuseChange('GET', { host }), /use POST/, `${host}`)
  tap.equal(refuseChange('POST', { host: '10.0.0.7:12345' }), undefined)
  tap.match(refuseChange('HEAD', { host: 'localhost' }), /use POST/, 'a HEAD never does')
  tap.end()
})
