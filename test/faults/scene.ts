/** One fault's stage: a service, logstream or a peer, that tails files into a stand-in for Loki, numbered lines, and the account of them. */
import { appendFileSync, existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { startFakeLoki, type FakeLoki } from '../support/fake-loki.ts'
import { startCommand, startProgram, type ServiceProcess } from '../support/service.ts'
import { peerEnvironment, type Peer } from './programs.ts'

/** Milliseconds after which a peer isn't waited for any longer: nothing has arrived. */
const PEER_IDLE = 30_000

export interface FaultResult {
  readonly lines: number
  /** Neither at Loki nor among the dead letters, nor named as destroyed by the fault itself. */
  readonly lost: number
  readonly twice: number
  /** What the program's own account of read lines doesn't cover. */
  readonly unaccounted: number
}

export class Scene {
  readonly folder: string
  readonly loki: FakeLoki
  /** The storage path; a fault may mount another file system there. */
  readonly data: string
  readonly #peer: Peer | undefined
  readonly #lines: string[] = []
  readonly #running = new Set<ServiceProcess>()
  #configs = 0
  #unaccounted = 0
  #destroyed = 0

  private constructor(folder: string, loki: FakeLoki, peer: Peer | undefined) {
    this.folder = folder
    this.#peer = peer
    this.loki = loki
    this.data = join(folder, 'data')
    mkdirSync(join(folder, 'logs'))
    mkdirSync(this.data)
  }

  static async open(folder: string, peer?: Peer): Promise<Scene> {
    return new Scene(folder, await startFakeLoki(), peer)
  }

  path(name: string): string {
    return join(this.folder, 'logs', name)
  }

  /** Numbered lines, remembered as written. */
  make(count: number): string {
    const first = this.#lines.length
    for (let i = 0; i < count; i++) this.#lines.push(`line ${first + i} ${'x'.repeat(60)}`)
    return `${this.#lines.slice(first).join('\n')}\n`
  }

  append(name: string, count: number): void {
    appendFileSync(this.path(name), this.make(count))
  }

  /** Lines that another writer has written. */
  wrote(lines: readonly string[]): void {
    this.#lines.push(...lines)
  }

  /** Starts the service; `source` replaces the files as what is read. Resolves once it runs. */
  async start(
    source = this.tail('*.log'),
    env: Readonly<Record<string, string>> = {},
  ): Promise<ServiceProcess> {
    if (this.#peer !== undefined) return this.#startPeer(this.#peer)
    const config = join(this.folder, `config-${++this.#configs}.alloy`)
    writeFileSync(
      config,
      `${source}
loki.write "out" {
  endpoint {
    url                 = "${this.loki.pushUrl}"
    batch_wait          = "100ms"
    batch_size          = "16KiB"
    remote_timeout      = "1s"
    min_backoff_period  = "100ms"
    max_backoff_period  = "500ms"
    max_backoff_retries = 3
  }
}
`,
    )
    const args = [config, '--server.http.listen-addr=127.0.0.1:0', `--storage.path=${this.data}`]
    const service = this.#keep(startCommand(['run', ...args], env))
    await service.said('msg=running')
    return service
  }

  #startPeer(peer: Peer): ServiceProcess {
    const places = { files: this.path('*.log'), data: this.data, loki: new URL(this.loki.url) }
    const [program, ...args] = peer.command(places)
    return this.#keep(startProgram(program, args, peerEnvironment(places)))
  }

  #keep(service: ServiceProcess): ServiceProcess {
    this.#running.add(service)
    void service.ended.then(() => this.#running.delete(service))
    return service
  }

  /** A source of the files whose names match. */
  tail(pattern: string): string {
    return `local.file_match "logs" {
  path_targets = [{ __path__ = "${this.path(pattern)}", job = "app" }]
  sync_period  = "200ms"
}
loki.source.file "logs" {
  targets    = local.file_match.logs.targets
  forward_to = [loki.write.out.receiver]
}`
  }

  /** Notes what the account doesn't cover, then SIGTERM; throws unless the exit status is 0. A peer has no account. */
  async stop(service: ServiceProcess): Promise<void> {
    if (this.#peer !== undefined) {
      if (!this.#running.has(service))
        throw new Error(
          `${this.#peer.name} ended by itself (${await service.ended}):\n${service.stderr().slice(-2000)}`,
        )
      // Some wait for Loki as long as it takes.
      const timer = setTimeout(() => service.child.kill('SIGKILL'), PEER_IDLE)
      await service.end('SIGTERM')
      clearTimeout(timer)
      return
    }
    await this.audit(service)
    const status = await service.end('SIGTERM')
    if (status !== 0) throw new Error(`exit status ${status}:\n${service.stderr().slice(-2000)}`)
  }

  /** Notes what the account of a running service doesn't cover. */
  async audit(service: ServiceProcess): Promise<void> {
    const sum = await this.#metrics(service)
    const ended = sum('logstream_units_total') + sum('logstream_units_in_flight')
    this.#unaccounted += Math.abs(sum('logstream_units_read_total') - ended)
  }

  /** The fault has destroyed lines: they count as lost unless the account names them as torn out of the spool. */
  async destroyed(service: ServiceProcess): Promise<number> {
    const sum = await this.#metrics(service)
    this.#destroyed = sum('logstream_ledger_notes_total', 'note="torn"')
    this.#unaccounted += Math.max(0, this.#destroyed - this.#missing().length)
    return this.#destroyed
  }

  async #metrics(service: ServiceProcess): Promise<(name: string, labels?: string) => number> {
    const [, url] = /msg=running .*http=(\S+?)\/?(?: |$)/m.exec(service.stderr())!
    const text = await (await fetch(`${url}/metrics`)).text()
    return (name, labels = '.*') =>
      [...text.matchAll(new RegExp(`^${name}(?:\\{${labels}\\})? (\\S+)$`, 'gm'))].reduce(
        (total, [, value]) => total + Number(value),
        0,
      )
  }

  /** For what keeps its own account: lines that it said nothing about. */
  note(unaccounted: number): void {
    this.#unaccounted += Math.abs(unaccounted)
  }

  /** Waits until every line is at Loki or a dead letter, but for `destroyed` of them, for a minute at most. */
  async complete(destroyed = 0): Promise<void> {
    await this.#wait(() => this.#missing().length <= destroyed)
  }

  /** Waits until so many lines are at Loki, for a minute at most. */
  async arrived(count: number): Promise<void> {
    if (!(await this.#wait(() => this.loki.count >= count)) && this.#peer === undefined)
      throw new Error(`${this.loki.count} of ${count} lines arrived within a minute`)
  }

  /** Looks ten times a second, for a minute at most, and less where a peer has nothing more to say. */
  async #wait(holds: () => boolean): Promise<boolean> {
    let [count, since] = [this.loki.count, 0]
    for (let i = 0; i < 600; i++) {
      if (holds()) return true
      if (this.loki.count !== count) [count, since] = [this.loki.count, i]
      const isIdle = this.#running.size === 0 || (i - since) * 100 >= PEER_IDLE
      if (this.#peer !== undefined && isIdle) return false
      await sleep(100)
    }
    return false
  }

  /** Lines among the dead letters. */
  get dead(): readonly string[] {
    return deadLetters(this.data)
  }

  #missing(): string[] {
    const there = new Set([...this.loki.entries().map(({ line }) => line), ...deadLetters(this.data)])
    return this.#lines.filter((line) => !there.has(line))
  }

  /** Ends what still runs, and counts. */
  async close(): Promise<FaultResult> {
    for (const service of this.#running) await service.end('SIGKILL')
    await this.loki.close()
    const arrived = this.loki.entries().map(({ line }) => line)
    return {
      lines: this.#lines.length,
      lost: Math.max(0, this.#missing().length - this.#destroyed),
      twice: arrived.length - new Set(arrived).size,
      unaccounted: this.#unaccounted,
    }
  }
}

function deadLetters(data: string): string[] {
  if (!existsSync(data)) return []
  return readdirSync(data, { recursive: true, encoding: 'utf8' })
    .filter((name) => name.endsWith('.jsonl'))
    .flatMap((name) => readFileSync(join(data, name), 'utf8').split('\n'))
    .filter((row) => row.endsWith('}'))
    .map((row) => (JSON.parse(row) as { line: string }).line)
}
