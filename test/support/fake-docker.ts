/**
 * Stands in for a Docker engine where none can run: the calls that logstream makes, over a Unix socket, written after
 * the Engine API's documentation. test/services/docker.test.ts runs the same components on a real engine.
 */
import { createServer, type ServerResponse } from 'node:http'
import type { Socket } from 'node:net'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

export interface FakeContainer {
  readonly id: string
  readonly name: string
  readonly tty?: boolean
  running: boolean
  /** Lines in the order of the log; times in nanoseconds. */
  readonly log: { readonly stream: 1 | 2; readonly time: bigint; readonly text: string }[]
}

export interface FakeDocker {
  readonly host: string
  readonly containers: Map<string, FakeContainer>
  /** How many connections are open. */
  readonly connections: () => number
  /** Logs end with their connection, as through an old proxy. */
  logsUntilClose: boolean
  /** Starts a container and tells those who listen for events. */
  run(name: string, options?: { readonly id?: string; readonly tty?: boolean }): FakeContainer
  /** Writes a line, also to those who follow. */
  write(container: FakeContainer, text: string, time: bigint, stream?: 1 | 2): void
  /** The container exits: those who follow read to the end. */
  exit(container: FakeContainer): void
  /** Cuts all connections, as an engine that stops. */
  cut(): void
  close(): Promise<void>
}

export async function startFakeDocker(): Promise<FakeDocker> {
  // A socket's path has to be short.
  const folder = mkdtempSync(join(tmpdir(), 'dk-'))
  const socket = join(folder, 'd.sock')
  const containers = new Map<string, FakeContainer>()
  const followers = new Map<FakeContainer, Set<ServerResponse>>()
  const listeners = new Set<ServerResponse>()
  const connections = new Set<Socket>()
  const server = createServer((request, response) => {
    const url = new URL(request.url!, 'http://docker')
    const [, kind, id, what] = url.pathname.split('/')
    const json = (value: unknown): void => void response.end(JSON.stringify(value))
    if (url.pathname === '/events') {
      response.writeHead(200).flushHeaders()
      listeners.add(response)
      response.once('close', () => listeners.delete(response))
      return
    }
    if (url.pathname === '/networks') return json([{ Id: 'n', Name: 'none', Scope: 'local' }])
    if (url.pathname === '/containers/json') {
      const { id: ids } = JSON.parse(url.searchParams.get('filters') ?? '{}') as { id?: Record<string, true> }
      const listed = [...containers.values()].filter(
        (each) =>
          (url.searchParams.get('all') === '1' || each.running) && (ids === undefined || ids[each.id]),
      )
      return json(listed.map(summary))
    }
    const container = containers.get(id ?? '')
    if (kind !== 'containers' || container === undefined)
      return void response.writeHead(404).end(JSON.stringify({ message: `No such container: ${id}` }))
    if (what === 'json')
      return json({
        State: { Running: container.running, StartedAt: 's', FinishedAt: 'f' },
        Config: { Tty: container.tty === true },
      })
    const since = nanosOf(url.searchParams.get('since') ?? '0')
    response.useChunkedEncodingByDefault = !fake.logsUntilClose
    response.writeHead(200).flushHeaders()
    for (const line of container.log) if (line.time >= since) response.write(bytesOf(container, line))
    if (!container.running) return void response.end()
    const following = followers.get(container) ?? new Set()
    followers.set(container, following.add(response))
    response.once('close', () => following.delete(response))
  })
  server.on('connection', (connection) => {
    connections.add(connection)
    connection.once('close', () => connections.delete(connection))
  })
  await new Promise<void>((resolve) => server.listen(socket, resolve))
  const fake: FakeDocker = {
    host: `unix://${socket}`,
    containers,
    connections: () => connections.size,
    logsUntilClose: false,
    run: (name, { id = name.repeat(64).slice(0, 64), tty } = {}) => {
      const container: FakeContainer = { id, name, tty, running: true, log: [] }
      containers.set(id, container)
      for (const listener of listeners)
        listener.write(
          `${JSON.stringify({ status: 'start', id, Type: 'container', Action: 'start', Actor: { ID: id } })}\n`,
        )
      return container
    },
    write: (container, text, time, stream = 1) => {
      const line = { stream, time, text }
      container.log.push(line)
      for (const response of followers.get(container) ?? []) response.write(bytesOf(container, line))
    },
    exit: (container) => {
      container.running = false
      for (const response of followers.get(container) ?? []) response.end()
      for (const listener of listeners)
        listener.write(
          `${JSON.stringify({ Type: 'container', Action: 'die', Actor: { ID: container.id } })}\n`,
        )
    },
    cut: () => server.closeAllConnections(),
    close: async () => {
      server.closeAllConnections()
      await new Promise((resolve) => server.close(resolve))
      rmSync(folder, { recursive: true, force: true })
    },
  }
  return fake
}

function summary({ id, name }: FakeContainer): unknown {
  return {
    Id: id,
    Names: [`/${name}`],
    Labels: { app: name },
    HostConfig: { NetworkMode: 'none' },
    NetworkSettings: { Networks: { none: { NetworkID: 'n', IPAddress: '' } } },
  }
}

function bytesOf({ tty }: FakeContainer, { stream, time, text }: FakeContainer['log'][number]): Buffer {
  const stamp = new Date(Number(time / 1_000_000n)).toISOString().slice(0, 19)
  const payload = Buffer.from(
    `${stamp}.${String(time % 1_000_000_000n).padStart(9, '0')}Z ${text}${tty === true ? '\r' : ''}\n`,
  )
  if (tty === true) return payload
  const header = Buffer.from([stream, 0, 0, 0, 0, 0, 0, 0])
  header.writeUInt32BE(payload.length, 4)
  return Buffer.concat([header, payload])
}

function nanosOf(text: string): bigint {
  const [seconds = '0', nanos = ''] = text.split('.')
  return BigInt(seconds) * 1_000_000_000n + BigInt(nanos.padEnd(9, '0'))
}
