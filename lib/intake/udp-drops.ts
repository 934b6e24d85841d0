/** Datagrams that the kernel dropped because they weren't read in time: its own count, from /proc (Linux only). */
import { readFileSync } from 'node:fs'
import type { Metrics } from '../telemetry/metrics.ts'

export interface UdpPort {
  readonly protocol: 'tcp' | 'udp'
  /** `127.0.0.1:1514` */
  readonly address: string
}

/** Adds the count of every open UDP port to `metrics` as `name`, asked for at each scrape. */
export function watchUdpDrops(metrics: Metrics, name: string, ports: () => readonly UdpPort[]): void {
  metrics.collect(name, 'gauge', 'Datagrams that the kernel has dropped on open ports.', () => {
    const udp = ports().filter(({ protocol, address }) => protocol === 'udp' && address !== '')
    if (udp.length === 0) return []
    const table = `${readTable('/proc/net/udp')}\n${readTable('/proc/net/udp6')}`
    return udp.map(({ address }) => ({ labels: { address }, value: kernelDrops(table, address) }))
  })
}

function readTable(path: string): string {
  try {
    return readFileSync(path, 'latin1')
  } catch {
    return ''
  }
}

/**
 * The drops of the sockets on the port of `address`. A line of the table is `sl local_address ... drops`, with
 * the local address as hexadecimal `ADDRESS:PORT` and the drops last.
 */
export function kernelDrops(table: string, address: string): number {
  const port = Number(address.slice(address.lastIndexOf(':') + 1))
  const suffix = `:${port.toString(16).toUpperCase().padStart(4, '0')}`
  let drops = 0
  for (const line of table.split('\n')) {
    const columns = line.trim().split(/\s+/)
    if (columns[1]?.endsWith(suffix) === true) drops += Number(columns.at(-1))
  }
  return drops
}
