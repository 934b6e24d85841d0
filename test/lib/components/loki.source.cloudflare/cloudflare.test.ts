/** `loki.source.cloudflare` against a stand-in of Logpull: windows, positions, and whatever goes wrong with an answer. */
import { readFileSync } from 'node:fs'
import type { ServerResponse } from 'node:http'
import { join } from 'node:path'
import t, { type Test } from 'tap'
import type { Component } from '../../../../lib/component/component.ts'
import { decodeInput } from '../../../../lib/component/decode.ts'
import { lokiSourceCloudflare } from '../../../../lib/components/loki.source.cloudflare/cloudflare.ts'
import type { Batch } from '../../../../lib/flow/batch.ts'
import type { Entry } from '../../../../lib/flow/entry.ts'
import { DELIVERED } from '../../../../lib/flow/outcome.ts'
import { Signal } from '../../../../lib/flow/signal.ts'
import { FakeCloudflare } from '../../../support/fake-cloudflare.ts'
import { metric, sourceContext, type SourceContext } from '../../../support/source.ts'
import { StepClock } from '../../../support/step-clock.ts'
import { supervised } from '../../../support/supervised.ts'

const NOW = Date.UTC(2026, 0, 2, 3, 4, 5)
const MINUTE = 60_000

class Bench {
  readonly fake: FakeCloudflare
  readonly clock: StepClock
  readonly ctx: SourceContext
  readonly component: Component
  readonly entries: Entry[] = []
  readonly #came = new Signal()

  constructor(
    tap: Test,
    fake: FakeCloudflare,
    { options = {}, dataDir, now = NOW, settle = true }: BenchOptions,
  ) {
    this.fake = fake
    this.clock = new StepClock(now)
    this.ctx = sourceContext({ clock: this.clock, dataDir })
    this.component = lokiSourceCloudflare.create(
      decodeInput(lokiSourceCloudflare.name, lokiSourceCloudflare.fields, {
        forward_to: [],
        zone_id: 'zone/1',
        api_token: 'sesame',
        api_url: fake.url,
        workers: 2,
        ...options,
      }),
      this.ctx,
    )
    tap.teardown(async () => this.component.close?.())
    this.component.output!.on('data', (batch: Batch) => {
      for (const entry of batch.take()) {
        this.entries.push(entry)
        if (settle) entry.ack.settle(DELIVERED)
      }
      this.#came.notify()
    })
  }

  async came(count: number): Promise<void> {
    await this.#came.until(() => this.entries.length >= count)
  }

  get lines(): string[] {
    return this.entries.map(({ line }) => line).sort()
  }

  get info(): Record<string, string> {
    return (this.component.status!() as { target_info: Record<string, string> }).target_info
  }
}

interface BenchOptions {
  readonly options?: object
  readonly dataDir?: string
  readonly now?: number
  readonly settle?: boolean
}

async function bench(tap: Test, options: BenchOptions = {}, fake?: FakeCloudflare): Promise<Bench> {
  const made = new Bench(tap, fake ?? (await FakeCloudflare.start(tap, 10_000)), options)
  await made.component.start?.()
  return made
}

/** Runs what answers and timers have set going, until `condition` holds. */
async function until(condition: () => boolean): Promise<void> {
  while (!condition()) await new Promise((resolve) => setImmediate(resolve))
}

void t.test('window after window, each in parts, and never the last minute', async (tap) => {
  const { fake, clock, ctx, ...run } = await bench(tap)
  const { component, entries } = run
  const first = NOW - 2 * MINUTE
  await until(() => entries.length === 6)
  tap.strictSame(
    fake.requests.map(({ start, end }) => [start, end]),
    [
      [first, first + MINUTE / 2],
      [first + MINUTE / 2, first + MINUTE],
    ],
  )
  const { path, headers, query } = fake.requests[0]!
  tap.equal(path, '/client/v4/zones/zone%2F1/logs/received')
  tap.match(headers, { authorization: 'Bearer sesame', 'user-agent': /^logstream\// })
  tap.match(query.get('fields'), /^ClientIP,ClientRequestHost,.*,EdgeStartTimestamp,RayID$/)
  tap.strictSame(entries.map(({ line }) => line).sort(), fake.lines(first, first + MINUTE).sort())
  const [entry] = entries
  tap.strictSame(entry!.labels.toObject(), { job: ctx.id }, 'Loki refuses entries without labels')
  tap.equal(`${entry!.seconds}.${entry!.nanos}`, `${/ray-(\d+)/.exec(entry!.line)![1]!.slice(0, -3)}.1`)
  await until(() => metric(ctx, 'loki_source_cloudflare_target_last_requested_end_timestamp') > 0)
  tap.equal(metric(ctx, 'loki_source_cloudflare_target_last_requested_end_timestamp'), (NOW - MINUTE) / 1000)
  tap.equal(metric(ctx, 'loki_source_cloudflare_target_entries_total'), 6)
  clock.advance(MINUTE - 1)
  tap.equal(fake.requests.length, 2)
  clock.advance(1)
  await fake.asked(4)
  tap.strictSame(
    fake.requests.slice(2).map(({ start }) => start),
    [first + MINUTE, first + (MINUTE * 3) / 2],
  )
  tap.same(component.health?.(), { state: 'healthy', message: '' })
})

void t.test('the position moves when a window is delivered; a restart leaves no gap', async (tap) => {
  const dataDir = tap.testdir({})
  const fake = await FakeCloudflare.start(tap, 10_000)
  const open = await bench(tap, { dataDir, settle: false }, fake)
  await open.came(6)
  await until(() => open.info['last_timestamp'] === new Date(NOW - MINUTE).toISOString())
  tap.equal(open.info['position'], new Date(NOW - 2 * MINUTE).toISOString(), 'nothing is delivered yet')
  await open.component.close?.()
  const again = await bench(tap, { dataDir, now: NOW + 5 * MINUTE }, fake)
  await again.came(6 * 6)
  tap.strictSame(again.lines, fake.lines(NOW - 2 * MINUTE, NOW + 4 * MINUTE).sort(), 'all since then, once')
  await until(() => again.info['position'] === new Date(NOW + 4 * MINUTE).toISOString())
  await again.component.close?.()
  tap.match(readFileSync(join(dataDir, 'cursors.json'), 'utf8'), String(NOW + 4 * MINUTE))
  const future = await bench(tap, { dataDir }, fake)
  await future.came(6)
  tap.match(future.ctx.logged[0], /clock was wrong/)
})

void t.test('a window that fails is tried until it is there', async (tap) => {
  const fake = await FakeCloudflare.start(tap, 10_000)
  const lines = fake.lines(NOW - 2 * MINUTE, NOW - MINUTE)
  const refusal = '{"errors":[{"code":10000,"message":"Authentication error"}]}'
  const faults: ((response: ServerResponse) => void)[] = [
    (response) => response.writeHead(403).end(refusal),
    (response) => response.writeHead(429, { 'retry-after': '20' }).end('{}'),
    (response) => response.writeHead(502).end('<html>bad gateway</html>'),
    (response) => response.writeHead(302, { location: 'http://127.0.0.1:1/' }).end(),
    (response) => {
      response.writeHead(200, { 'content-length': 1000 }).write(`${lines[0]}\n{"Cl`)
      response.socket!.end()
    },
    (response) => response.writeHead(200).end(`${lines[0]}\nError streaming data.`),
    (response) => response.writeHead(200, { 'content-encoding': 'gzip' }).end(lines[0]),
  ]
  const count = faults.length
  fake.instead = (_, response) => {
    const fault = faults.shift()
    fault?.(response)
    return fault !== undefined
  }
  const { clock, component, ctx, ...run } = await bench(tap, { options: { workers: 1 } }, fake)
  const { entries } = run
  const told = new Set<string>()
  while (fake.requests.length <= count || component.health!().state === 'unhealthy') {
    const { message } = component.health!()
    if (message !== '') told.add(message)
    if (fake.requests.length <= count && message !== '') clock.advance(1000)
    await new Promise((resolve) => setImmediate(resolve))
  }
  const [forbidden, busy, gateway, moved, ...rest] = [...told]
  tap.equal(forbidden, 'Cloudflare answered 403: Authentication error')
  tap.match([busy, gateway, moved], [/answered 429/, /answered 502: <html>bad/, /answered 302/])
  tap.ok(rest.includes('Cloudflare broke its answer off'), rest.join())
  await until(() => new Set(entries.map(({ line }) => line)).size === lines.length)
  tap.ok(entries.length > lines.length, 'what came before an answer broke off comes again')
  tap.equal(ctx.logged.filter((each) => each.startsWith('logs cannot be pulled')).length, 1)
  tap.equal(ctx.logged.filter((each) => each.startsWith('logs can be pulled again')).length, 1)
  tap.notMatch(ctx.logged.join('\n'), /sesame/)
})

void t.test('what Cloudflare no longer has is told, and left', async (tap) => {
  const dataDir = tap.testdir({})
  const day = 24 * 60 * MINUTE
  const fake = await FakeCloudflare.start(tap, 10_000)
  const before = await bench(tap, { dataDir, now: NOW - 8 * day }, fake)
  await before.came(6)
  await until(() => before.info['position'] === new Date(NOW - 8 * day - MINUTE).toISOString())
  await before.component.close?.()
  fake.instead = ({ start }, response) => {
    if (start >= NOW - 7 * day) return false
    const message =
      'bad query: error parsing time: invalid time range: too early: logs older than 168h0m0s are not available'
    response.writeHead(400).end(JSON.stringify({ success: false, errors: [{ code: 1010, message }] }))
    return true
  }
  const asked = fake.requests.length
  const after = await bench(tap, { dataDir }, fake)
  await after.came(6)
  tap.equal(fake.requests[asked + 2]!.start, NOW - 7 * day + 10_000, 'the first that are left come next')
  const [lost] = after.ctx.logged
  tap.match(lost, /^logs are lost: .*"start":"2025-12-25T03:03:05.000Z","end":"2025-12-26T03:04:15.000Z"/)
})

void t.test('sets of fields', async (tap) => {
  for (const [options, wanted] of [
    [{ fields_type: 'custom', additional_fields: ['B', 'A', 'B'] }, 'A,B'],
    [{ fields_type: 'custom' }, null],
    [{ additional_fields: ['RayID', 'Cookies'] }, /ClientRequestURI,Cookies,.*RayID$/],
    [{ fields_type: 'all' }, /^BotScore,.*,ZoneID$/],
  ] as const) {
    const { fake } = await bench(tap, { options })
    await fake.asked(1)
    tap.match(fake.requests[0]!.query.get('fields'), wanted)
  }
})

void t.test('configs', async (tap) => {
  const check = async (body: string): Promise<string[]> =>
    await supervised(tap).check(
      `loki.source.cloudflare "x" {\nforward_to = []\nzone_id = "z"\napi_token = "t"\n${body}\n}`,
    )
  tap.same(await check('labels = {a = "b"}\nfields_type = "all"\nworkers = 5\npull_range = "5m"'), [])
  tap.match(await check('fields_type = "most"'), [/^c:5:\d+ fields_type/])
  tap.match(await check('workers = 0'), [/^c:5:\d+ workers: expected 1 or more, found 0/])
  tap.match(await check('pull_range = "-1s"'), [/^c:5:\d+ pull_range: expected 1s or more/])
  tap.match(await check('api_url = "cloudflare"'), [/api_url: expected an http or https URL/])
  tap.match(await check('pull_range = "6h"'), [/an hour at most/])
})
