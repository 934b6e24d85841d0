/**
 * What delivery promises, whatever it delivers to: a suite that is written against the interface `Destination` and runs
 * with a real server for each kind of destination.
 */
import { readdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { finished } from 'node:stream/promises'
import t, { type Test } from 'tap'
import { deliverySink, type EndpointPlan, type Sink } from '../../lib/delivery/sink.ts'
import type { EndpointSettings } from '../../lib/delivery/settings.ts'
import { SourceAck } from '../../lib/flow/ack.ts'
import { Batch } from '../../lib/flow/batch.ts'
import { systemClock } from '../../lib/flow/clock.ts'
import { Entry } from '../../lib/flow/entry.ts'
import { labelSet } from '../../lib/flow/labels.ts'
import { Ledger } from '../../lib/flow/ledger.ts'
import { SILENT } from '../../lib/telemetry/log.ts'
import { Metrics } from '../../lib/telemetry/metrics.ts'
import { numbered, tempDir } from './write-harness.ts'

export interface Arrived {
  readonly route: string
  readonly line: string
}

export type TestAnswer = 'ok' | 'hang' | { readonly status: number; readonly body?: string }

export interface TestServer {
  respond: (entries: readonly Arrived[]) => TestAnswer
  /** What was accepted, in order of arrival. */
  readonly entries: readonly Arrived[]
  readonly pushes: number
  close(): Promise<void>
}

/** A kind of destination: its server, and endpoints that send to it in batches of about `batchBytes`. */
export interface Kind {
  readonly name: string
  /** Labels that give an entry its route. */
  readonly labelsOf: (route: string) => Readonly<Record<string, string>>
  readonly start: (respond: TestServer['respond']) => Promise<{
    readonly server: TestServer
    readonly plan: (settings: EndpointSettings, batchBytes: number, metrics: Metrics) => EndpointPlan
  }>
}

const SETTINGS: EndpointSettings = {
  name: 'main',
  url: 'test:',
  backoff: { min: 5, max: 20 },
  maxAttempts: 4,
  retrySlowDown: true,
  shards: 1,
  capacity: 1e6,
  blockOnOverflow: true,
  drainTimeoutMs: 5000,
}

class Run {
  readonly ledger = new Ledger()
  readonly sink: Sink
  readonly #kind: Kind

  constructor(kind: Kind, plan: (metrics: Metrics) => EndpointPlan, dataDir: string | undefined) {
    this.#kind = kind
    const metrics = Metrics.create()
    const options = {
      endpoints: [plan(metrics)],
      maxSpoolBytes: 1e8,
      maxDeadLettersBytes: 1e8,
      random: () => 0,
    }
    this.sink = deliverySink(options, {
      id: 'sink.test',
      log: SILENT,
      metrics,
      clock: systemClock,
      ledger: this.ledger,
      dataDir,
      stages: () => {
        throw new Error('no stages here')
      },
    })
    void this.sink.start?.()
  }

  write(lines: readonly string[], route = '', replayable = false): Promise<void> {
    this.ledger.units(lines.length, replayable)
    const owner = { ledger: this.ledger, replayable, settled: () => {} }
    const labels = labelSet(this.#kind.labelsOf(route))
    const entries = lines.map((line, i) => new Entry(1_767_323_045, i, line, labels, new SourceAck(owner, 1)))
    return new Promise((resolve, reject) => {
      this.sink.input.write(new Batch(entries), (error) => (error ? reject(error) : resolve()))
    })
  }

  async end(deadlineMs?: number): Promise<void> {
    if (deadlineMs !== undefined) this.sink.drain?.(deadlineMs)
    this.sink.input.end()
    await finished(this.sink.input)
    await this.sink.close?.()
  }

  outcomes(): Record<string, number> {
    return Object.fromEntries(this.ledger.rows().map(({ state, units }) => [state, units]))
  }
}

async function until(condition: () => boolean): Promise<void> {
  for (let i = 0; i < 2000 && !condition(); i++) await new Promise((resolve) => setTimeout(resolve, 5))
  if (!condition()) throw new Error('waited 10 s in vain')
}

async function deadLetters(dataDir: string): Promise<string[]> {
  const folder = join(dataDir, 'dead-letters')
  const names = await readdir(folder).catch((): string[] => [])
  const texts = await Promise.all(names.map((name) => readFile(join(folder, name), 'utf8')))
  const lines = texts.join('').split('\n').slice(0, -1)
  return lines.map((line) => (JSON.parse(line) as { line: string }).line)
}

const linesOf = (entries: readonly Arrived[]): string[] => entries.map(({ line }) => line)
const refuseBad = (entries: readonly Arrived[]): TestAnswer =>
  entries.some(({ line }) => line.startsWith('bad')) ? { status: 400, body: 'something is bad' } : 'ok'

/** Registers the suite for a kind of destination. */
export function deliverySuite(kind: Kind): void {
  interface Bench {
    readonly server: TestServer
    readonly dataDir: string
    readonly run: (more?: Partial<EndpointSettings>, batchBytes?: number) => Run
  }
  const test = (name: string, body: (tap: Test, bench: Bench) => Promise<void>): void => {
    void t.test(`${kind.name}: ${name}`, async (tap) => {
      const { server, plan } = await kind.start(() => 'ok')
      tap.teardown(() => server.close())
      const dataDir = await tempDir(tap)
      const run = (more: Partial<EndpointSettings> = {}, batchBytes = 100): Run =>
        new Run(kind, (metrics) => plan({ ...SETTINGS, ...more }, batchBytes, metrics), dataDir)
      await body(tap, { server, dataDir, run })
    })
  }

  test('everything arrives once and in order, also after failures', async (tap, { server, run }) => {
    const answers: TestAnswer[] = [{ status: 503 }, 'ok', { status: 500 }, { status: 429 }, 'ok']
    server.respond = () => answers.shift() ?? 'ok'
    const own = run()
    for (let i = 0; i < 10; i++) await own.write(numbered(10, `${i}`), '', i % 2 === 0)
    await own.end()
    tap.same(linesOf(server.entries), Array.from({ length: 10 }, (_, i) => numbered(10, `${i}`)).flat())
    tap.same(own.outcomes(), { delivered: 100 })
  })

  test('what is refused, and only that, ends in the dead letters', async (tap, { server, dataDir, run }) => {
    server.respond = refuseBad
    const own = run({}, 10_000)
    await own.write([...numbered(300), 'bad 1', ...numbered(300, 'more'), 'bad 2', 'bad 3'])
    await own.end()
    tap.same(linesOf(server.entries).sort(), [...numbered(300), ...numbered(300, 'more')].sort(), 'once each')
    tap.same(await deadLetters(dataDir), ['bad 1', 'bad 2', 'bad 3'])
    tap.same(own.outcomes(), { delivered: 600, dead_lettered: 3 })
    tap.ok(server.pushes < 60, `${server.pushes} pushes`)
  })

  test('what is too large is sent in parts, also where it is too much at once', async (tap, {
    server,
    run,
  }) => {
    for (const status of [413, 429]) {
      server.respond = (entries) => (entries.length > 7 ? { status } : 'ok')
      const own = run({ maxAttempts: 20 }, 10_000)
      await own.write(numbered(64, String(status)))
      await own.end()
      tap.same(linesOf(server.entries).slice(-64), numbered(64, String(status)))
      tap.same(own.outcomes(), { delivered: 64 })
    }
  })

  test('what is denied waits on disk and is sent in order when it is mended', async (tap, {
    server,
    run,
  }) => {
    server.respond = () => ({ status: 401 })
    const own = run()
    await own.write(numbered(50, 'a'))
    await own.write(numbered(50, 'b'))
    await until(() => own.ledger.total('spooled') > 0)
    server.respond = () => 'ok'
    await until(() => server.entries.length >= 100)
    await own.end()
    tap.same(linesOf(server.entries), [...numbered(50, 'a'), ...numbered(50, 'b')])
  })

  test('a stop with a dead server takes no time, and the next start sends the rest', async (tap, {
    server,
    run,
  }) => {
    server.respond = () => 'hang'
    const own = run()
    await own.write(numbered(100))
    await until(() => server.pushes > 0)
    const start = Date.now()
    await own.end(200)
    tap.ok(Date.now() - start < 3000)
    tap.same(own.outcomes(), { spooled: 100 })
    tap.equal(own.sink.kept?.(), 100)
    server.respond = () => 'ok'
    const next = run()
    await until(() => server.entries.length >= 100)
    await next.end()
    tap.equal(next.ledger.noted('adopted'), 100)
    tap.same(linesOf(server.entries), numbered(100))
  })

  test('neither a batch nor a route that fails holds up the others', async (tap, {
    server,
    dataDir,
    run,
  }) => {
    let up = false
    server.respond = (entries) => {
      if (!up || entries[0]?.route === 'locked') return { status: 403 }
      return entries.some(({ line }) => line === 'poison') ? { status: 500 } : 'ok'
    }
    const own = run({}, 10)
    await own.write(['locked out'], 'locked')
    await own.write(['good 1', 'poison', 'good 2'], 'open')
    await until(() => own.ledger.total('spooled') >= 4)
    up = true
    await until(() => linesOf(server.entries).includes('good 2'))
    while ((await deadLetters(dataDir)).length === 0) await new Promise((resolve) => setTimeout(resolve, 5))
    await own.end(0)
    tap.notOk(linesOf(server.entries).includes('locked out'))
    tap.same(await deadLetters(dataDir), ['poison'])
    tap.ok((own.sink.kept?.() ?? 0) >= 1, 'the locked one waits')
  })

  void t.test(`${kind.name}: without a disk the rest is lost, and the sink says so`, async (tap) => {
    const { server, plan } = await kind.start(() => ({ status: 503 }))
    tap.teardown(() => server.close())
    const own = new Run(kind, (metrics) => plan({ ...SETTINGS, drainTimeoutMs: 50 }, 100, metrics), undefined)
    await own.write(['a', 'b'])
    await tap.rejects(own.end(), { code: 'DELIVERY', message: /^2 entries/ })
    tap.equal(own.ledger.lost, 2)
    await own.sink.close?.()
  })
}
