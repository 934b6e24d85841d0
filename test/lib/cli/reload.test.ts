/** What a running service answers and logs when its config is loaded again. */
import { createServer, type AddressInfo } from 'node:net'
import { once } from 'node:events'
import t from 'tap'
import { adminService } from '../../support/admin-service.ts'

const LOGGING = 'logging { format = "json" }\n'
const tcp = (port: number): string =>
  `loki.source.tcp "t" {\n  listen_port = ${port}\n  forward_to = [loki.echo.e.receiver]\n}\nloki.echo "e" { }\n`

/** The last lines of the log, parsed: each must be JSON. */
function lines(text: string): Record<string, string>[] {
  return text
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line) as Record<string, string>)
}

void t.test('every outcome is logged, in the format of the log', async (tap) => {
  const { service, get, write, io } = await adminService(tap.testdir(), `${LOGGING}${tcp(0)}`)
  tap.teardown(() => service.stop())
  const said = (): Record<string, string>[] => lines(io.err()).slice(before)
  let before = lines(io.err()).length

  tap.match(await get('/-/reload', { method: 'POST' }), { status: 200, text: 'config reloaded\n' })
  tap.match(said(), [{ level: 'info', msg: 'config reloaded', components: 2 }])

  before = lines(io.err()).length
  write(`${LOGGING}loki.process "p" { }`)
  tap.match(await get('/-/reload', { method: 'POST' }), { status: 400, text: /missing required attribute/ })
  await tap.resolves(service.reload(), 'as SIGHUP does')
  const refused = [
    { level: 'error', msg: /missing required attribute "forward_to"/, at: /config\.alloy:2:1$/ },
    { level: 'error', msg: 'config was not reloaded, the one from before keeps running', errors: 1 },
  ]
  tap.match(said(), [...refused, ...refused])
})

void t.test('a reload that fails at the start of a component keeps what ran', async (tap) => {
  const taken = createServer().listen(0, '127.0.0.1')
  await once(taken, 'listening')
  tap.teardown(() => taken.close())
  const { service, get, write, io } = await adminService(tap.testdir(), `${LOGGING}${tcp(0)}`)
  tap.teardown(() => service.stop())
  const listening = (): unknown =>
    service.supervisor.components().find(({ name }) => name === 'loki.source.tcp')
  tap.match(listening(), { health: { state: 'healthy' } })

  write(LOGGING + tcp((taken.address() as AddressInfo).port))
  const answer = await get('/-/reload', { method: 'POST' })
  tap.match(answer, { status: 400, text: /loki\.source\.tcp\.t cannot start: .*the port is taken/ })
  tap.match(lines(io.err()).at(-1), { msg: /not reloaded/, error: /the port is taken/ }, 'still as JSON')
  tap.match(listening(), {
    health: { state: 'healthy', dead: false },
    status: { listeners: [{ address: /:\d/ }] },
  })
  tap.match(await get('/-/ready'), { status: 200 })
  tap.match(JSON.parse((await get('/api/v0/logstream/status')).text), {
    failedReload: { message: /the port is taken/ },
  })
  tap.match((await get('/metrics')).text, /^alloy_config_last_load_successful 0$/m)

  write(LOGGING + tcp(0))
  tap.match(await get('/-/reload', { method: 'POST' }), { status: 200 })
  tap.match((await get('/metrics')).text, /^alloy_config_last_load_successful 1$/m)
})
