/** A running service that takes lines over TCP, for tests that look at entries on their way. */
import { once } from 'node:events'
import { connect } from 'node:net'
import type { Test } from 'tap'
import type { ServiceOptions } from '../../lib/cli/run.ts'
import { adminService, type AdminService } from './admin-service.ts'

export interface TappedService extends AdminService {
  /** Sends lines; they have the labels `job="shop"`. */
  readonly send: (...lines: readonly string[]) => Promise<void>
}

/** `stages` are those of `loki.process "shop"`, between `loki.source.tcp "in"` and `loki.echo "out"` or `to`. */
export async function tappedService(
  tap: Test,
  stages: string,
  more = '',
  { to = 'loki.echo.out', ...options }: Partial<ServiceOptions> & { readonly to?: string } = {},
): Promise<TappedService> {
  const config = `logging { level = "error" }
loki.source.tcp "in" {
	listen_port = 0
	labels      = {job = "shop"}
	forward_to  = [loki.process.shop.receiver]
}
loki.process "shop" {
	forward_to = [${to}.receiver]
${stages}
}
loki.echo "out" { }
${more}`
  const admin = await adminService(tap.testdir(), config, options)
  tap.teardown(() => admin.service.stop())
  return { ...admin, send: await lineSender(tap, admin) }
}

/** Sends lines to `loki.source.tcp "in"` of a service. */
async function lineSender(tap: Test, { service }: AdminService): Promise<TappedService['send']> {
  const { status } = service.supervisor.components().find(({ fullId }) => fullId === 'loki.source.tcp.in')!
  const { address } = (status as { readonly listeners: readonly [{ readonly address: string }] }).listeners[0]
  const socket = connect(Number(address.slice(address.lastIndexOf(':') + 1)), '127.0.0.1')
  await once(socket, 'connect')
  tap.teardown(() => socket.destroy())
  return async (...lines) => {
    const sent = lines.map((line) => `${line}\n`).join('')
    await new Promise<void>((resolve) => void socket.write(sent, () => resolve()))
  }
}

/** Opens a stream of the service. Resolves once it is open, with its pieces until the test ends. */
export async function pieces(tap: Test, url: string, end: string): Promise<AsyncGenerator<string, void>> {
  const stop = new AbortController()
  tap.teardown(() => stop.abort())
  const answer = await fetch(url, { signal: stop.signal })
  if (!answer.ok) throw new Error(`${answer.status}: ${await answer.text()}`)
  return split(answer.body!, end, stop.signal)
}

async function* split(
  body: NonNullable<Response['body']>,
  end: string,
  stopped: AbortSignal,
): AsyncGenerator<string, void> {
  let rest = ''
  try {
    for await (const part of body.pipeThrough(new TextDecoderStream())) {
      const found = (rest + part).split(end)
      rest = found.pop()!
      yield* found
    }
  } catch (error) {
    if (!stopped.aborted) throw error
  }
}
