/** Components that can't do their work say so: a Loki that is down or silent, a file that can't be read; and when they can again. */
import { once } from 'node:events'
import { mkdirSync, rmdirSync, writeFileSync } from 'node:fs'
import { mkdtemp, rm } from 'node:fs/promises'
import { createServer, type AddressInfo, type Server } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import t, { type Test } from 'tap'
import { adminService, type AdminService } from '../support/admin-service.ts'
import { startFakeLoki } from '../support/fake-loki.ts'

// They wait for seconds, so they do it together.
t.jobs = 3

interface Listed {
  readonly localID: string
  readonly health: { readonly state: string; readonly message: string; readonly updatedTime: string }
}

async function health({ get }: AdminService, id: string): Promise<Listed['health']> {
  const list = JSON.parse((await get('/api/v0/web/components')).text) as Listed[]
  return list.find(({ localID }) => localID === id)!.health
}

/** Waits for a state; the figure to be told is how long that took, in seconds. */
async function until(bench: AdminService, id: string, state: string): Promise<number> {
  const start = Date.now()
  while ((await health(bench, id)).state !== state) await new Promise((resolve) => setTimeout(resolve, 50))
  return (Date.now() - start) / 1000
}

const config = (log: string, url: string): string => `
loki.source.file "f" {
  targets      = [{ __path__ = "${log}" }]
  forward_to   = [loki.write.w.receiver]
  file_watch {
    min_poll_frequency = "25ms"
    max_poll_frequency = "25ms"
  }
}
loki.write "w" {
  endpoint {
    url                = "${url}"
    batch_wait         = "10ms"
    min_backoff_period = "50ms"
    max_backoff_period = "50ms"
  }
}
`

async function silent(): Promise<{ server: Server; url: string }> {
  const server = createServer(() => undefined).listen(0, '127.0.0.1')
  await once(server, 'listening')
  return { server, url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/loki/api/v1/push` }
}

/** Where a service that has to stop at once keeps what it has: past its deadline it may save a position once more. */
async function storage(tap: Test): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'logstream-health-'))
  tap.teardown(() => rm(folder, { recursive: true, force: true, maxRetries: 10 }))
  return folder
}

void t.test('a Loki that refuses, and comes back', async (tap) => {
  let down = true
  const loki = await startFakeLoki({ respond: () => (down ? { status: 503, body: 'no room' } : 204) })
  tap.teardown(() => loki.close())
  const folder = tap.testdir({ 'a.log': 'one\n' })
  const bench = await adminService(folder, config(`${folder}/a.log`, loki.pushUrl))
  tap.teardown(() => bench.service.stop())
  tap.match(await health(bench, 'loki.write.w'), { state: 'healthy' })

  const took = await until(bench, 'loki.write.w', 'unhealthy')
  tap.ok(took < 10, `told after ${took} s`)
  const found = await health(bench, 'loki.write.w')
  tap.match(found.message, /127\.0\.0\.1:\d+\/loki\/api\/v1\/push takes nothing: status 503: no room/)
  tap.ok(Math.abs(Date.now() - Date.parse(found.updatedTime)) < 3000, 'since just now')
  tap.match(
    (await bench.get('/metrics')).text,
    /^logstream_component_healthy\{.*component_id="loki.write.w"\} 0$/m,
  )
  tap.match(await bench.get('/-/healthy'), {
    status: 200,
    text: /loki\.write\.w has been unhealthy for .*no room/,
  })
  tap.match(bench.io.err(), /level=warn msg="component is unhealthy" .*component_id=loki\.write\.w .*no room/)

  down = false
  await until(bench, 'loki.write.w', 'healthy')
  tap.match(bench.io.err(), /msg="component is healthy again" .*component_id=loki\.write\.w after=/)
  tap.match(await bench.get('/-/healthy'), { status: 200, text: /All logstream components are healthy/ })
})

void t.test('a Loki that takes connections and says nothing', async (tap) => {
  const { server, url } = await silent()
  tap.teardown(() => server.close())
  const folder = tap.testdir({ 'a.log': 'one\n' })
  const bench = await adminService(folder, config(`${folder}/a.log`, url), {
    stopDeadline: 100,
    storagePath: await storage(tap),
  })
  tap.teardown(() => bench.service.stop())
  const took = await until(bench, 'loki.write.w', 'unhealthy')
  tap.ok(took < 10, `told after ${took} s`)
  tap.match(await health(bench, 'loki.write.w'), { message: /has not answered for \ds/ })
})

void t.test('a file that cannot be read, and then can', async (tap) => {
  const folder = tap.testdir({})
  const log = `${folder}/a.log`
  mkdirSync(log)
  const { server, url } = await silent()
  tap.teardown(() => server.close())
  const bench = await adminService(folder, config(log, url), {
    stopDeadline: 100,
    storagePath: await storage(tap),
  })
  tap.teardown(() => bench.service.stop())
  const took = await until(bench, 'loki.source.file.f', 'unhealthy')
  tap.ok(took < 10, `told after ${took} s`)
  tap.match(await health(bench, 'loki.source.file.f'), { message: /a\.log is a folder; name its files/ })
  tap.match(await bench.get('/-/healthy'), { status: 200 })
  rmdirSync(log)
  writeFileSync(log, 'one\n')
  await until(bench, 'loki.source.file.f', 'healthy')
})
