/** Listen addresses as configs write them, and errors of listening that say what to do. */
import { isIPv6 } from 'node:net'
import { LogstreamError } from '../errors.ts'

export interface ListenAddress {
  /** '' for all interfaces. */
  readonly host: string
  readonly port: number
}

/** Splits `host:port` as Go does: `0.0.0.0:514`, `[::1]:514`, `:514` (all interfaces). Throws BAD_ARGUMENT. */
export function parseListenAddress(text: string): ListenAddress {
  const match = /^(?:\[([^\]]*)\]|([^:[\]]*)):(\d{1,5})$/.exec(text)
  const port = Number(match?.[3])
  if (match === null || port > 65_535)
    throw new LogstreamError(
      'BAD_ARGUMENT',
      `expected an address with a port such as "127.0.0.1:1514", found "${text}"`,
      { option: 'address' },
    )
  return { host: match[1] ?? match[2] ?? '', port }
}

/** `127.0.0.1:514`, `[::1]:514`. */
export function formatAddress(host: string, port: number): string {
  return isIPv6(host) ? `[${host}]:${port}` : `${host}:${port}`
}

/** The address of a peer; IPv4 mapped into IPv6 is written as IPv4. */
export function plainIp(address: string | undefined): string {
  return (address ?? '').replace(/^::ffff:(?=\d+\.)/, '')
}

/** The error for a failure to listen on `at`: what happened and what to do about it. */
export function listenError(
  error: NodeJS.ErrnoException,
  protocol: 'tcp' | 'udp',
  at: ListenAddress,
): LogstreamError {
  const where = `${protocol} ${at.host === '' ? `port ${at.port} (all addresses)` : formatAddress(at.host, at.port)}`
  return new LogstreamError('LISTEN', `cannot listen on ${where}: ${reason(error, protocol, at)}`, {
    cause: error,
    option: 'address',
  })
}

function reason(
  error: NodeJS.ErrnoException,
  protocol: 'tcp' | 'udp',
  { host, port }: ListenAddress,
): string {
  switch (error.code) {
    case 'EADDRINUSE': {
      const flags = protocol === 'tcp' ? '-ltnp' : '-lunp'
      return `the port is taken. See by which process with: sudo ss ${flags} 'sport = :${port}'; stop it, or choose another port`
    }
    case 'EACCES':
      return `not allowed. Ports below 1024 need a privilege: choose a higher one (devices often use 1514), or give the service CAP_NET_BIND_SERVICE`
    case 'EADDRNOTAVAIL':
      return `this machine has no address ${host}: choose one that "ip address" shows, or 127.0.0.1`
    case 'ENOTFOUND':
    case 'EAI_AGAIN':
      return `the name "${host}" has no address: write an IP address`
    default:
      return error.message
  }
}
