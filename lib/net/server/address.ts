/** Where a server listens: how addresses are written, and what to do when one can't be used. */
import type { Server } from 'node:net'
import { LogstreamError } from '../../errors.ts'

/** Splits `host:port`, `:port` and `[::1]:port`. Throws BAD_USAGE. */
export function listenAddress(listen: string): { host: string; port: number } {
  const match = /^(?:\[([^\]]+)\]|([^:[\]]*)):(\d{1,5})$/.exec(listen)
  const port = Number(match?.[3])
  if (match === null || port > 65_535)
    throw new LogstreamError('BAD_USAGE', `expected an address such as 127.0.0.1:12345, found "${listen}"`)
  return { host: match[1] ?? (match[2] || '127.0.0.1'), port }
}

/** Whether an address of a socket is this machine's own, and so is who uses it. */
export function isLoopback(address: string): boolean {
  return address === '::1' || /^(?:::ffff:)?127\./.test(address)
}

/** Resolves when the server listens. Rejects with LISTEN, naming the address and what to do. */
export async function listenOn(server: Server, host: string, port: number): Promise<void> {
  await new Promise<void>((resolve, reject) => {
    const failed = (error: NodeJS.ErrnoException): void => reject(listenError(error, host, port))
    server.once('error', failed)
    server.listen(port, host, () => {
      server.off('error', failed)
      resolve()
    })
  })
}

function listenError(error: NodeJS.ErrnoException, host: string, port: number): LogstreamError {
  const address = `${host.includes(':') ? `[${host}]` : host}:${port}`
  const because = (reason: string): LogstreamError =>
    new LogstreamError('LISTEN', `cannot listen on ${address}: ${reason}`, { cause: error })
  switch (error.code) {
    case 'EADDRINUSE':
      return because(
        `the port is taken. See by whom with: ss -ltnp 'sport = :${port}', or choose another one`,
      )
    case 'EACCES':
      return because('not allowed. Ports below 1024 need a privilege: choose a higher one')
    case 'EADDRNOTAVAIL':
      return because('no network interface of this machine has that address. 0.0.0.0 means all of them')
    case 'ENOTFOUND':
    case 'EAI_AGAIN':
      return because('the name has no address here: write an IP address, or a name of this machine')
    default:
      return because(error.message)
  }
}
