import { join } from 'node:path'
import t from 'tap'
import { parseFile } from '../../../lib/alloy/parser.ts'
import { readArgs } from '../../../lib/cli/args.ts'
import { main } from '../../../lib/cli/main.ts'
import { optionFlags, storeFlags, storeConfig } from '../../../lib/cli/store.ts'
import { fakeIo } from '../../support/fake-io.ts'
import { startCommand } from '../../support/service.ts'

const configOf = (args: string[]): string => storeConfig(readArgs('store', args, storeFlags)).source.text

void t.test('the flags as a config', (t) => {
  const plain = configOf([])
  t.same(parseFile({ name: 'x', text: plain }).diagnostics, [])
  t.match(plain, 'listen_address = "127.0.0.1"')
  t.match(plain, 'listen_port    = 3100')
  t.notMatch(plain, 'grpc')
  const all = configOf([
    '--path=a"b',
    '--listen=[::1]:3200',
    '--grpc-listen=:9095',
    '--retention=720h',
    '--reject-old',
  ])
  t.same(parseFile({ name: 'x', text: all }).diagnostics, [])
  for (const part of ['path               = "a\\"b"', '"720h"', 'reject_old_samples = true', '"::1"', '9095'])
    t.match(all, part)
  t.end()
})

void t.test('every option of the component has a flag, its limits too', (t) => {
  const flags = optionFlags.map(({ flag }) => flag)
  for (const flag of ['max-memory', 'discover-log-levels', 'limits.max-streams', 'limits.max-chunk-age'])
    t.ok(flags.includes(flag), flag)
  const text = configOf([
    '--limits.max-streams=20000',
    '--limits.max-line-size=1MiB',
    '--discover-log-levels=false',
    '--discover-service-name=app,job',
    '--threads=3',
  ])
  t.same(parseFile({ name: 'x', text }).diagnostics, [])
  for (const line of [
    'max_streams = 20000',
    'max_line_size = "1MiB"',
    'discover_log_levels = false',
    'discover_service_name = ["app", "job"]',
    'threads = 3',
  ])
    t.match(text, line)
  t.end()
})

void t.test('blocks of rules and tenants for their flags', (t) => {
  t.notMatch(configOf([]), /rules|tenants/)
  const text = configOf([
    '--rules.path=/etc/rules',
    '--rules.enable-api=true',
    '--tenants.max-tenants=3',
    '--object-storage.bucket=logs',
    '--object-storage.cache-size=20GiB',
    '--rules.alertmanager-url=http://a:9093',
    '--rules.alertmanager-url=http://b:9093',
  ])
  t.same(parseFile({ name: 'x', text }).diagnostics, [])
  t.match(
    text,
    /rules \{\s+path = "\/etc\/rules"\s+enable_api = true\s+alertmanager \{\s+url = "http:\/\/a:9093"\s+\}/,
  )
  t.match(text, /url = "http:\/\/b:9093"/)
  t.match(text, /tenants \{\s+max_tenants = 3\s+\}/)
  t.end()
})

void t.test('bad usage', async (t) => {
  for (const args of [
    ['store', 'x'],
    ['store', '--listen=here'],
    ['store', '--retention=long', '--server.http.listen-addr='],
    ['store', '--limits.max-streams=many', '--server.http.listen-addr='],
    ['store', '--rules.alertmanager-url=here', '--server.http.listen-addr='],
  ]) {
    const io = fakeIo()
    t.equal(await main(args, io), 1, args.join(' '))
    t.not(io.err(), '')
  }
})

void t.test('takes a push and answers a query', async (t) => {
  const folder = t.testdir({})
  const store = startCommand([
    'store',
    '--path',
    join(folder, 'data'),
    '--listen=127.0.0.1:0',
    '--server.http.listen-addr=',
  ])
  t.teardown(() => store.child.kill('SIGKILL'))
  await store.said('msg=running')
  const [, url] = /url=(http:\/\/127\.0\.0\.1:\d+)/.exec(store.stderr())!
  const now = `${Date.now()}000000`
  const push = await fetch(`${url}/loki/api/v1/push`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ streams: [{ stream: { job: 'x' }, values: [[now, 'hello']] }] }),
  })
  t.equal(push.status, 204)
  const io = fakeIo()
  t.equal(await main(['query', '{job="x"}', '--url', url!], io), 0, io.err())
  t.equal(io.out(), 'hello\n')
  t.equal(await store.end('SIGTERM'), 0)
})
