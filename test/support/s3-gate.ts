/** A server between a store and S3, which passes requests on, spoils some, or does something at one of them. */
import { createServer, request, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { text } from 'node:stream/consumers'
import type { Test } from 'tap'

/** `before`: it isn't carried out; `after`: it is, and its answer is kept back. */
export type Moment = 'before' | 'after'

export interface Gate {
  readonly url: string
  /** Requests that write, since this was set to 0. */
  writes: number
  /** Called for each that writes, with its number from 1 on; one that returns a promise is answered with what that says. */
  at: ((write: number, moment: Moment) => Promise<number> | undefined) | undefined
}

/** A gate to the server at a port of loopback. */
export async function startGate(tap: Test, port: number): Promise<Gate> {
  const pass = async (incoming: IncomingMessage, outgoing: ServerResponse): Promise<void> => {
    const write = incoming.method === 'GET' ? undefined : ++gate.writes
    const refuse = async (moment: Moment): Promise<boolean> => {
      const held = write === undefined ? undefined : gate.at?.(write, moment)
      if (held === undefined) return false
      const status = await held
      outgoing.writeHead(status).end('<Error><Code>SlowDown</Code><Message>less</Message></Error>')
      return true
    }
    if (await refuse('before')) return
    const { method, url, headers } = incoming
    const answer = await new Promise<IncomingMessage>((resolve, reject) => {
      incoming.on('error', reject)
      incoming.pipe(
        request({ port, host: '127.0.0.1', method, path: url, headers }, resolve).on('error', reject),
      )
    })
    if (write === undefined) {
      outgoing.writeHead(answer.statusCode!, answer.headers)
      answer.pipe(outgoing)
      return
    }
    const body = await text(answer)
    if (await refuse('after')) return
    outgoing.writeHead(answer.statusCode!, answer.headers).end(body)
  }
  const server = createServer((incoming, outgoing) => {
    pass(incoming, outgoing).catch(() => outgoing.destroy())
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  tap.teardown(() => {
    server.closeAllConnections()
    server.close()
  })
  const gate: Gate = {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    writes: 0,
    at: undefined,
  }
  return gate
}
