/** examples/fastify and examples/express, installed as a user would: a request is logged with its trace; a stop delivers it. */
import { spawn, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { createServer, type AddressInfo } from 'node:net'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import t from 'tap'
import { startFakeLoki } from '../support/fake-loki.ts'
import { installed } from '../support/packed.ts'

const TRACE = '4bf92f3577b34da6a3ce929d0e0e4736'
const SPAN = '00f067aa0ba902b7'

for (const name of ['fastify', 'express'])
  void t.test(name, { timeout: 300_000 }, async (tap) => {
    const loki = await startFakeLoki()
    tap.teardown(() => loki.close())
    const port = await freePort()
    const child = spawn(process.execPath, ['server.js'], {
      cwd: installed(tap, `examples/${name}`),
      env: { ...process.env, LOKI_URL: loki.url, LOG_DIR: join(tap.testdir({}), 'logs'), PORT: String(port) },
      stdio: ['ignore', 'ignore', 'inherit'],
    })
    tap.teardown(() => child.kill('SIGKILL'))
    const answer = await ask(`http://127.0.0.1:${port}/orders/7`, child)
    tap.same(await answer.json(), { id: '7' })
    child.kill('SIGTERM')
    const [status] = (await once(child, 'close')) as [number | null]
    tap.equal(status, 0, 'exit status')
    const read = loki.entries().find(({ line }) => line.includes('order read'))
    tap.match(read?.labels, 'app="shop"')
    tap.match(read?.labels, 'level="info"')
    tap.match(Object.fromEntries(read?.metadata ?? []), { trace_id: TRACE, span_id: SPAN })
    tap.match(JSON.parse(read?.line ?? '{}'), { order: '7' })
  })

/** Asks until the server listens. Throws when it has ended before that. */
async function ask(url: string, server: ChildProcess): Promise<Response> {
  while (server.exitCode === null)
    try {
      return await fetch(url, { headers: { traceparent: `00-${TRACE}-${SPAN}-01` } })
    } catch {
      await sleep(50)
    }
  throw new Error(`the server ended with status ${server.exitCode}`)
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as AddressInfo
  await new Promise((resolve) => server.close(resolve))
  return port
}
