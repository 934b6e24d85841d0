/**
 * Stands in for the API server of a Kubernetes cluster over HTTPS: get, list in pages, watch with bookmarks and 410 Gone,
 * and the log of a container, written after the API's documentation (kubernetes.io/docs/reference/using-api/api-concepts
 * and the reference of "read log of the specified Pod"). No real API server runs here.
 */
import { mkdtempSync, rmSync } from 'node:fs'
import { createServer, type Server } from 'node:https'
import type { IncomingMessage, ServerResponse } from 'node:http'
import type { AddressInfo, Socket } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Test } from 'tap'
import { selfSigned } from './certificates.ts'

interface Meta {
  name: string
  namespace?: string
  labels?: Record<string, string>
  resourceVersion?: string
  [more: string]: unknown
}

export interface FakeObject {
  metadata: Meta
  [more: string]: unknown
}

interface Change {
  readonly version: number
  readonly collection: string
  readonly type: 'ADDED' | 'MODIFIED' | 'DELETED'
  readonly object: FakeObject
}

interface Watcher {
  readonly response: ServerResponse
  readonly wants: (change: Pick<Change, 'collection' | 'object'>) => boolean
}

/** The log of a container; times in nanoseconds. */
export interface FakeLog {
  lines: { readonly time: bigint; readonly text: string }[]
  /** What the instance before the last restart has written. */
  previous: { readonly time: bigint; readonly text: string }[] | undefined
  running: boolean
}

interface Place {
  readonly collection: string
  readonly namespace: string
  readonly name: string
  readonly what: string
}

export class FakeKubernetes {
  /** Path and query of each request, in order. */
  readonly requests: string[] = []
  readonly ca: string
  token = 'first'
  /** Answers everything with this status. */
  failing = 0
  /** Answers 503 after that many lists, until `failing` is 0 again. */
  failAfter = Infinity
  pageSize = 500
  /** Logs end with their connection, as through an old proxy. */
  logsUntilClose = false
  /** Called before the log of a container is read. */
  beforeLog: (() => void) | undefined
  readonly #server: Server
  readonly #connections = new Set<Socket>()
  readonly #objects = new Map<string, Map<string, FakeObject>>()
  readonly #watchers = new Set<Watcher>()
  readonly #logs = new Map<string, FakeLog>()
  readonly #followers = new Map<FakeLog, Set<ServerResponse>>()
  #changes: Change[] = []
  #version = 1
  /** Watches from before it get 410 Gone. */
  #oldest = 0

  private constructor(folder: string) {
    const { cert, key } = selfSigned(folder, 'kubernetes')
    this.ca = cert
    this.#server = createServer({ cert, key }, (request, response) => this.#answer(request, response))
    this.#server.on('connection', (connection: Socket) => {
      this.#connections.add(connection)
      connection.once('close', () => this.#connections.delete(connection))
    })
  }

  static async start(tap: Test): Promise<FakeKubernetes> {
    const folder = mkdtempSync(join(tmpdir(), 'k8s-'))
    const fake = new FakeKubernetes(folder)
    rmSync(folder, { recursive: true })
    await new Promise<void>((resolve) => fake.#server.listen(0, '127.0.0.1', resolve))
    tap.teardown(() => fake.close())
    return fake
  }

  get url(): string {
    return `https://127.0.0.1:${(this.#server.address() as AddressInfo).port}`
  }

  /** The arguments of a client that reaches it. */
  get client(): Record<string, unknown> {
    return { api_server: this.url, bearer_token: this.token, tls_config: { ca_pem: this.ca } }
  }

  /** How many connections are open. */
  get connections(): number {
    return this.#connections.size
  }

  /** How many watches are open. */
  get watches(): number {
    return this.#watchers.size
  }

  /** Creates or replaces an object of a collection such as `api/v1/pods`, and tells the watches. */
  put(collection: string, object: FakeObject): FakeObject {
    const objects = this.#objects.get(collection) ?? new Map<string, FakeObject>()
    this.#objects.set(collection, objects)
    const key = keyOf(object.metadata)
    const type = objects.has(key) ? 'MODIFIED' : 'ADDED'
    return this.#change(collection, type, object, () => objects.set(key, object))
  }

  remove(collection: string, object: FakeObject): void {
    const key = keyOf(object.metadata)
    this.#change(collection, 'DELETED', object, () => this.#objects.get(collection)?.delete(key))
  }

  /** Forgets all changes: who watches from before gets 410. */
  compact(): void {
    this.#changes = []
    this.#oldest = this.#version
  }

  /** As after etcd is restored from an empty backup: no objects, versions begin anew, and connections break. */
  setBack(): void {
    this.#objects.clear()
    this.#changes = []
    this.#version = 1
    this.#oldest = 0
    this.cut()
  }

  /** Tells all watches of a version that has nothing for them. */
  bookmark(): void {
    const line = `${JSON.stringify({ type: 'BOOKMARK', object: { metadata: { resourceVersion: String(this.#version) } } })}\n`
    for (const { response } of this.#watchers) response.write(line)
  }

  /** Ends all watches as the server does after `timeoutSeconds`. */
  endWatches(): void {
    for (const { response } of this.#watchers) response.end()
    this.#watchers.clear()
  }

  /** Ends all watches as the server does when their version was compacted. */
  expireWatches(): void {
    const object = { kind: 'Status', code: 410, reason: 'Expired', message: 'too old resource version' }
    for (const { response } of this.#watchers) response.end(`${JSON.stringify({ type: 'ERROR', object })}\n`)
    this.#watchers.clear()
  }

  /** Breaks all connections. */
  cut(): void {
    this.#server.closeAllConnections()
    this.#watchers.clear()
  }

  log(pod: string, container: string): FakeLog {
    const key = `${pod}/${container}`
    const log = this.#logs.get(key) ?? { lines: [], previous: [], running: true }
    this.#logs.set(key, log)
    return log
  }

  /** Writes a line, also to those who follow. */
  write(log: FakeLog, text: string, time: bigint): void {
    const line = { time, text }
    log.lines.push(line)
    for (const response of this.#followers.get(log) ?? []) response.write(bytesOf(line))
  }

  /** The file of the log begins anew; those who follow are kept. */
  rotate(log: FakeLog): void {
    log.lines = []
  }

  /** The container ends: those who follow read to the end. */
  exit(log: FakeLog): void {
    log.running = false
    for (const response of this.#followers.get(log) ?? []) response.end()
    this.#followers.delete(log)
  }

  /** A new instance of the container, with a log of its own. */
  restart(log: FakeLog): void {
    this.exit(log)
    log.previous = log.lines
    log.lines = []
    log.running = true
  }

  async close(): Promise<void> {
    this.#server.closeAllConnections()
    await new Promise((resolve) => this.#server.close(resolve))
  }

  #change(collection: string, type: Change['type'], object: FakeObject, apply: () => void): FakeObject {
    object.metadata = { ...object.metadata, resourceVersion: String(++this.#version) }
    apply()
    const change = { version: this.#version, collection, type, object: structuredClone(object) }
    this.#changes.push(change)
    for (const watcher of this.#watchers) tell(watcher, change)
    return object
  }

  #answer(request: IncomingMessage, response: ServerResponse): void {
    this.requests.push(request.url!)
    const url = new URL(request.url!, 'https://kubernetes')
    if (this.failing > 0) return fail(response, this.failing, 'something is wrong')
    if (request.headers.authorization !== `Bearer ${this.token}`) return fail(response, 401, 'Unauthorized')
    const place = placeOf(url.pathname)
    if (place === undefined) return fail(response, 404, 'the server could not find the requested resource')
    if (place.what === 'log') return this.#log(place, url, response)
    if (place.name !== '') {
      const found = this.#objects.get(place.collection)?.get(keyOf(place))
      return found === undefined
        ? fail(response, 404, `"${place.name}" not found`)
        : void response.end(JSON.stringify(found))
    }
    const wants = matcher(place, url.searchParams)
    if (url.searchParams.get('watch') === 'true') return this.#watch(url, wants, response)
    const all = [...(this.#objects.get(place.collection)?.values() ?? [])]
    this.#list(
      all.filter((object) => wants({ collection: place.collection, object })),
      url,
      response,
    )
  }

  #list(objects: readonly FakeObject[], { searchParams }: URL, response: ServerResponse): void {
    const limit = Math.min(this.pageSize, Number(searchParams.get('limit') ?? Infinity))
    const from = Number(searchParams.get('continue') ?? 0)
    const more = from + limit < objects.length
    const metadata = {
      resourceVersion: String(this.#version),
      ...(more ? { continue: String(from + limit) } : {}),
    }
    response.end(JSON.stringify({ kind: 'List', metadata, items: objects.slice(from, from + limit) }))
    if (--this.failAfter > 0) return
    this.failAfter = Infinity
    this.failing = 503
  }

  #watch({ searchParams }: URL, wants: Watcher['wants'], response: ServerResponse): void {
    const from = Number(searchParams.get('resourceVersion'))
    if (from < this.#oldest) return fail(response, 410, `too old resource version: ${from}`)
    response.writeHead(200, { 'content-type': 'application/json' }).flushHeaders()
    const watcher = { response, wants }
    for (const change of this.#changes) if (change.version > from) tell(watcher, change)
    // From a version that is yet to come, the API server tells nothing before it.
    if (from <= this.#version) this.#watchers.add(watcher)
    response.once('close', () => this.#watchers.delete(watcher))
  }

  #log({ namespace, name }: Place, { searchParams }: URL, response: ServerResponse): void {
    this.beforeLog?.()
    if (this.#objects.get('api/v1/pods')?.has(`${namespace}/${name}`) !== true)
      return fail(response, 404, `pods "${name}" not found`)
    const log = this.log(`${namespace}/${name}`, searchParams.get('container')!)
    // The API server hands the time to the kubelet in whole seconds.
    const since = BigInt(
      Math.floor(Date.parse(searchParams.get('sinceTime') ?? '1970-01-01T00:00:00Z') / 1000),
    )
    const previous = searchParams.get('previous') === 'true'
    const lines = previous ? log.previous : log.lines
    if (lines === undefined) return fail(response, 400, 'previous terminated container not found')
    response.useChunkedEncodingByDefault = !this.logsUntilClose
    response.writeHead(200, { 'content-type': 'text/plain' }).flushHeaders()
    for (const line of lines) if (line.time >= since * 1_000_000_000n) response.write(bytesOf(line))
    if (previous || searchParams.get('follow') !== 'true' || !log.running) return void response.end()
    const following = this.#followers.get(log) ?? new Set()
    this.#followers.set(log, following.add(response))
    response.once('close', () => following.delete(response))
  }
}

function keyOf({ name, namespace = '' }: Pick<Meta, 'name' | 'namespace'>): string {
  return namespace === '' ? name : `${namespace}/${name}`
}

/** `/api/v1/namespaces/shop/pods/web/log`, `/apis/discovery.k8s.io/v1/endpointslices` and such. */
function placeOf(path: string): Place | undefined {
  const [, group, namespace = '', resource, name = '', what = ''] =
    /^\/(api\/v1|apis\/[^/]+\/[^/]+)(?:\/namespaces\/([^/]+)(?=\/[^/]+))?\/([^/]+)(?:\/([^/]+)(?:\/([^/]+))?)?$/.exec(
      path,
    ) ?? []
  return resource === undefined ? undefined : { collection: `${group}/${resource}`, namespace, name, what }
}

function matcher(place: Place, query: URLSearchParams): Watcher['wants'] {
  const pairs = (name: string): string[][] =>
    (query.get(name) ?? '')
      .split(',')
      .filter((each) => each !== '')
      .map((each) => each.split('='))
  const labels = pairs('labelSelector')
  const fields = pairs('fieldSelector')
  return ({ collection, object }) =>
    collection === place.collection &&
    (place.namespace === '' || object.metadata.namespace === place.namespace) &&
    labels.every(([name, value]) => object.metadata.labels?.[name!] === value) &&
    fields.every(([path, value]) => fieldOf(object, path!) === value)
}

function fieldOf(object: FakeObject, path: string): unknown {
  return path
    .split('.')
    .reduce<unknown>((at, name) => (at as Record<string, unknown> | undefined)?.[name], object)
}

function tell({ response, wants }: Watcher, change: Change): void {
  if (wants(change)) response.write(`${JSON.stringify({ type: change.type, object: change.object })}\n`)
}

function bytesOf({ time, text }: FakeLog['lines'][number]): string {
  const stamp = new Date(Number(time / 1_000_000n)).toISOString().slice(0, 19)
  return `${stamp}.${String(time % 1_000_000_000n).padStart(9, '0')}Z ${text}\n`
}

function fail(response: ServerResponse, code: number, message: string): void {
  response.writeHead(code).end(JSON.stringify({ kind: 'Status', status: 'Failure', code, message }))
}
