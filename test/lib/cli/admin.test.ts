import t from 'tap'
import { adminService, get } from '../../support/admin-service.ts'
import { fakeIo } from '../../support/fake-io.ts'
import { selfSigned } from '../../support/certificates.ts'

const basic = (password: string, more = ''): string => `http {
  auth {
    basic {
      username = "admin"
      password = "${password}"
    }
    ${more}
  }
}
`

void t.test('routes with the methods, statuses and guards of the real server', async (tap) => {
  const { service, get: ask } = await adminService(tap.testdir(), 'loki.echo "a" { }\n')
  tap.teardown(() => service.stop())
  const cases: [string, Parameters<typeof ask>[1], number][] = [
    ['/', {}, 200],
    ['/metrics', {}, 200],
    ['/-/ready', {}, 200],
    ['/-/healthy', {}, 200],
    ['/-/reload', {}, 200],
    ['/-/reload', { method: 'POST' }, 200],
    ['/-/reload', { method: 'PUT' }, 405],
    ['/metrics', { method: 'POST' }, 405],
    ['/none', {}, 404],
    ['/../etc/passwd', {}, 404],
    ['//evil.example/metrics', {}, 404],
    ['/metrics/', {}, 404],
    ['/-/ready', { headers: { host: 'evil.example' } }, 403],
    ['/-/ready', { headers: { host: '10.1.2.3:80' } }, 200],
    ['/-/reload', { headers: { host: '10.1.2.3:80' } }, 405],
    ['/-/reload', { method: 'HEAD' }, 405],
    ['/-/reload', { method: 'POST', headers: { host: '10.1.2.3:80' } }, 200],
    ['/-/reload', { method: 'POST', headers: { origin: 'http://evil.example' } }, 403],
    ['/-/reload', { method: 'POST', headers: { 'sec-fetch-site': 'cross-site' } }, 403],
    ['/', { headers: { 'sec-fetch-site': 'none' } }, 200],
  ]
  for (const [path, how, status] of cases)
    tap.equal((await ask(path, how)).status, status, `${path} ${JSON.stringify(how)}`)
  const head = await ask('/', { method: 'HEAD' })
  tap.equal(head.text, '')
  tap.ok(Number(head.headers['content-length']) > 100)
  tap.equal((await ask('/metrics', { method: 'POST' })).headers['allow'], 'GET')
  tap.match((await ask('/api/v0/logstream/status')).text, 'loki.echo.a')
})

void t.test('basic authentication from the start, changed and taken away by reloads', async (tap) => {
  const { service, get: ask, write } = await adminService(tap.testdir(), basic('first-one'))
  tap.teardown(() => service.stop())
  const auth = (password: string) => ({ auth: `admin:${password}` })
  const refused = await ask('/-/ready')
  tap.match(refused, { status: 401, headers: { 'www-authenticate': /^Basic realm="logstream"/ } })
  tap.match(await ask('/none'), { status: 401 }, 'not even which paths exist')
  tap.match(await ask('/', auth('first-one')), { status: 200 })

  write(basic('second-one', 'filter {\n paths = ["/-/ready"]\n authenticate_matching_paths = false\n}'))
  tap.match(await ask('/-/reload'), { status: 401 })
  tap.match(await ask('/-/reload', auth('first-one')), { status: 200 })
  tap.match(await ask('/', auth('first-one')), { status: 401 })
  tap.match(await ask('/', auth('second-one')), { status: 200 })
  tap.match(await ask('/-/ready'), { status: 200 }, 'a path that the filter leaves out')

  write(`${basic('third-one')}nonsense`)
  const bad = await ask('/-/reload', auth('second-one'))
  tap.equal(bad.status, 400)
  tap.notMatch(bad.text, 'third-one')
  tap.match(await ask('/', auth('second-one')), { status: 200 }, 'a bad config changes nothing')
  tap.match(await ask('/-/ready'), { status: 200 }, 'and what runs goes on running')

  write('')
  tap.match(await ask('/-/reload', auth('second-one')), { status: 200 })
  tap.match(await ask('/'), { status: 200 })
})

void t.test('TLS, by the config of the start and by SIGHUP-like reloads', async (tap) => {
  const dir = tap.testdir()
  const pair = selfSigned(dir, 'a')
  const tls = (certFile: string): string =>
    `http {\n tls {\n  cert_file = "${certFile}"\n  key_file = "${pair.keyFile}"\n }\n}\n`
  const { service, get: ask, write } = await adminService(dir, tls(pair.certFile))
  tap.teardown(() => service.stop())
  const secure = service.url!
  tap.match(secure, /^https:/)
  tap.match(await ask('/-/ready'), { status: 200 })

  write(tls(`${dir}/none`))
  const bad = await ask('/-/reload')
  tap.match(bad, {
    status: 400,
    text: /config\.alloy:3:3: error: cert_file: cannot read ".*none": no such file/,
  })
  tap.match(await ask('/-/ready'), { status: 200 })

  write('')
  tap.match(
    await ask('/-/reload'),
    { status: 200, text: 'config reloaded\n' },
    'the old connection gets its answer',
  )
  tap.equal(service.url, secure.replace('https', 'http'))
  tap.match(await ask('/-/ready'), { status: 200 })
  await tap.rejects(get(`${secure}/-/ready`))

  write(tls(pair.certFile))
  await service.reload()
  while (!service.url!.startsWith('https')) await new Promise(setImmediate)
  tap.match(await get(`${secure}/-/ready`), { status: 200 })
})

void t.test('a config that cannot be loaded shows no secret', async (tap) => {
  const io = fakeIo()
  await tap.rejects(adminService(tap.testdir(), basic('planted" + 5 + "x'), {}, io), { code: 'BAD_CONFIG' })
  tap.match(io.err(), /config\.alloy:5:\d+: error: /)
  tap.match(io.err(), 'password = *')
  tap.notMatch(io.err(), 'planted')
})

void t.test('names of this machine, a prefix for the page, and flags without an effect', async (tap) => {
  const {
    service,
    get: ask,
    io,
  } = await adminService(tap.testdir(), 'loki.echo "a" { }\n', {
    listen: 'localhost:0',
    allowedHosts: ['Logs.example'],
    uiPrefix: '/logs/',
    warnings: ['--cluster.enabled has no effect'],
  })
  tap.teardown(() => service.stop())
  tap.match(await ask('/-/ready', { headers: { host: 'logs.example:12345' } }), { status: 200 })
  tap.match(await ask('/-/ready', { headers: { host: 'other.example' } }), { status: 403 })
  tap.match(await ask('/logs/'), { status: 200, text: /<title>logstream/ })
  tap.match(await ask('/logs'), { status: 302, headers: { location: '/logs/' } })
  tap.match(await ask('/'), { status: 404 })
  tap.match(await ask('/logs/api/v0/web/components'), { status: 200 })
  tap.match(await ask('/api/v0/web/components'), { status: 404 })
  tap.match(io.err(), 'level=warn msg="--cluster.enabled has no effect"')
})

void t.test('an address that is taken', async (tap) => {
  const dir = tap.testdir()
  const { service } = await adminService(dir, '')
  tap.teardown(() => service.stop())
  await tap.rejects(adminService(tap.testdir(), '', { listen: new URL(service.url!).host }), {
    code: 'LISTEN',
    message: /the port is taken/,
  })
})
