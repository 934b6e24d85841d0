import { connect } from 'node:net'
import { strFromU8, unzipSync } from 'fflate'
import t from 'tap'
import { adminService } from '../../support/admin-service.ts'
import { fakeIo } from '../../support/fake-io.ts'

/** The content of each file, bytes as Latin-1. */
function unzip(archive: Buffer): Map<string, string> {
  return new Map(Object.entries(unzipSync(archive)).map(([name, data]) => [name, strFromU8(data, true)]))
}

const CONFIG = `
// a comment with planted-comment
logging { level = "debug" }
http {
  auth {
    basic {
      username = "admin"
      password = "planted-basic"
    }
    filter { paths = ["/nothing"] }
  }
}
declare "sink" {
  argument "pass" { }
  loki.write "inner" {
    endpoint {
      url = "http://127.0.0.1:9/push"
      basic_auth {
        username = "me"
        password = argument.pass.value
      }
    }
  }
}
sink "one" { pass = "planted-argument" }
loki.write "default" {
  endpoint {
    name         = "planted-env-plain"
    url          = "http://me:planted-url@127.0.0.1:9/push"
    bearer_token = "planted-bearer"
    http_headers = {"X-Key" = ["planted-header"]}
  }
  endpoint {
    url = sys.env("PLANTED_URL")
    authorization {
      type        = "Token"
      credentials = sys.env("PLANTED_TOKEN")
    }
  }
}
`.replace('"planted-env-plain"', 'sys.env("PLANTED_NAME")')

const ENV = {
  PLANTED_URL: 'http://me:planted-env-url@127.0.0.1:9/push',
  PLANTED_TOKEN: 'planted-env-token',
  PLANTED_NAME: 'planted-env-name',
}

void t.test('a bundle helps, and has no secret in it', async (tap) => {
  const { service, get, io } = await adminService(tap.testdir(), CONFIG, {}, fakeIo('', ENV))
  tap.teardown(() => service.stop())
  const answer = await get('/-/support')
  tap.match(answer, {
    status: 200,
    headers: {
      'content-type': 'application/zip',
      'content-disposition': 'attachment; filename="logstream-support-bundle.zip"',
    },
  })
  const files = unzip(answer.body)
  tap.same(
    [...files.keys()],
    [
      'README.txt',
      'version.json',
      'config/1-config.alloy',
      'components.json',
      'ledger.json',
      'metrics.txt',
      'log.txt',
    ],
  )
  for (const [name, content] of files) tap.notMatch(content, /planted-/, name)
  tap.match(files.get('config/1-config.alloy'), 'username = "admin"')
  tap.match(files.get('config/1-config.alloy'), 'credentials = sys.env("PLANTED_TOKEN")')
  tap.match(JSON.parse(files.get('version.json')!), { version: /^\d/, node: { node: process.versions.node } })
  tap.match(JSON.parse(files.get('components.json')!), [
    { fullId: 'sink.one/loki.write.inner', health: { state: 'healthy' } },
    { fullId: 'loki.write.default', status: { endpoints: [{}, {}] } },
  ])
  tap.match(JSON.parse(files.get('ledger.json')!), { read: 0, inFlight: 0, ended: [] })
  tap.match(files.get('metrics.txt'), 'logstream_build_info')
  tap.match(files.get('log.txt'), 'msg=running')
  tap.notMatch(io.err(), /planted-(?!env-name)/, 'nor has the log')
  for (const path of [
    '/',
    '/metrics',
    '/-/healthy',
    '/api/v0/web/components',
    '/api/v0/web/components/loki.write.default',
  ])
    tap.notMatch((await get(path)).text, /planted-(?!env-name)/, path)
})

void t.test('with a CPU profile, one at a time', async (tap) => {
  const { service, get } = await adminService(tap.testdir(), '')
  tap.teardown(() => service.stop())
  for (const bad of ['0', '31', '-1', '1.5', 'x', '', '99999'])
    tap.match(
      await get(`/-/support?duration=${bad}`),
      { status: 400, text: /whole seconds from 1 to 30/ },
      bad,
    )
  const first = get('/-/support?duration=1')
  // The first one has been read by the time that this one is answered.
  await get('/-/ready')
  tap.match(await get('/-/support'), { status: 429 })
  const files = unzip((await first).body)
  tap.ok(files.has('metrics-before.txt'))
  const profile = JSON.parse(files.get('cpu.cpuprofile')!) as { startTime: number; endTime: number }
  tap.ok(profile.endTime - profile.startTime > 900_000, 'microseconds')
})

void t.test('a client that goes away does not keep others waiting', async (tap) => {
  const { service, get } = await adminService(tap.testdir(), '')
  tap.teardown(() => service.stop())
  const { hostname, port } = new URL(service.url!)
  const socket = connect(Number(port), hostname)
  socket.write('GET /-/support?duration=30 HTTP/1.1\r\nhost: localhost\r\n\r\n')
  while ((await get('/-/support')).status !== 429);
  socket.destroy()
  while ((await get('/-/support')).status !== 200);
  tap.pass()
})

void t.test('switched off', async (tap) => {
  const { service, get } = await adminService(tap.testdir(), '', { support: false })
  tap.teardown(() => service.stop())
  tap.match(await get('/-/support'), { status: 403, text: /disable-support-bundle/ })
  tap.match((await get('/api/v0/logstream/status')).text, '"support":false')
  tap.match(await get('/-/support', { method: 'POST' }), { status: 405 })
})
