/** What the routes add to the engine: methods, forms, gzip, errors, time-outs, turns, clients that leave. */
import { request as httpRequest } from 'node:http'
import { gunzipSync } from 'node:zlib'
import t, { type Test } from 'tap'
import { startServer } from '../../../../lib/net/server/server.ts'
import { Turns } from '../../../../lib/flow/turns.ts'
import type { LogSelection, Querier } from '../../../../lib/logql/engine/querier.ts'
import { queryRoutes, type QueryRouteOptions } from '../../../../lib/store/query/routes.ts'
import { SILENT } from '../../../../lib/telemetry/log.ts'
import { MemoryQuerier } from '../../../support/memory-querier.ts'

const API = '/loki/api/v1'
const NOW = 1_767_607_200_000

function filled(lines: number): MemoryQuerier {
  const querier = new MemoryQuerier()
  const values = Array.from(
    { length: lines },
    (_, i) => [`${BigInt(NOW - lines + i) * 1_000_000n}`, `line ${i}`] as const,
  )
  querier.push({ streams: [{ stream: { app: 'web', 'k/v': 'x' }, values }] })
  return querier
}

async function serve(t: Test, querier: Querier, options: Partial<QueryRouteOptions> = {}): Promise<string> {
  const routes = queryRoutes({ querier, now: () => NOW, ...options })
  const server = await startServer({ listen: '127.0.0.1:0', routes, log: SILENT })
  t.teardown(() => server.close())
  return server.url + API
}

function ask(url: string, path: string, values: Record<string, string> = {}): Promise<Response> {
  return fetch(`${url}/${path}?${new URLSearchParams(values).toString()}`)
}

/** Answers nothing until it is let go or stopped. */
function stuckQuerier(): {
  querier: Querier
  asked: () => Promise<LogSelection['signal']>
  release: () => void
} {
  const waiting: ((signal: LogSelection['signal']) => void)[] = []
  const signals: LogSelection['signal'][] = []
  let release = (): void => {}
  const free = new Promise<void>((resolve) => {
    release = resolve
  })
  const streams: Querier['streams'] = async ({ signal }) => {
    const wake = waiting.shift()
    if (wake === undefined) signals.push(signal)
    else wake(signal)
    await Promise.race([
      free,
      new Promise((_, reject) =>
        signal?.addEventListener('abort', () => reject(signal.reason as Error), { once: true }),
      ),
    ])
    return []
  }
  return {
    querier: { streams, entries: () => [], statistics: () => Promise.resolve([]) },
    asked: () =>
      signals.length > 0 ? Promise.resolve(signals.shift()) : new Promise((resolve) => waiting.push(resolve)),
    release: () => release(),
  }
}

void t.test('a form in the body comes before the address, other bodies are ignored', async (t) => {
  const url = await serve(t, filled(3))
  const count = async (response: Response): Promise<number> => {
    const { data } = (await response.json()) as { data: { result: { values: unknown[] }[] } }
    return data.result.reduce((sum, { values }) => sum + values.length, 0)
  }
  const query = '{app="web"}'
  const body = new URLSearchParams({ query, limit: '2' })
  t.equal(await count(await fetch(`${url}/query_range?limit=1`, { method: 'POST', body })), 2)
  const json = { method: 'POST', headers: { 'content-type': 'application/json' }, body: '{"limit":"2"}' }
  const address = `${url}/query_range?${new URLSearchParams({ query, limit: '1' }).toString()}`
  t.equal(await count(await fetch(address, json)), 1)
  t.equal((await fetch(address, { method: 'PUT' })).status, 405)
})

void t.test('names in paths may be escaped', async (t) => {
  const url = await serve(t, filled(1))
  t.strictSame(await (await ask(url, 'label/k%2Fv/values')).json(), { status: 'success', data: ['x'] })
  t.strictSame(await (await ask(url, 'label/a/b/values')).json(), { status: 'success' })
  for (const path of ['label/app', 'label/%zz/values', 'label//values', 'detected_field/x'])
    t.equal((await ask(url, path)).status, 404, path)
})

void t.test('errors are plain text without a newline, with the place in the query', async (t) => {
  const url = await serve(t, filled(1))
  const bad = await ask(url, 'query_range', { query: '{app="web"} |= ' })
  t.equal(bad.status, 400)
  t.equal(bad.headers.get('content-type'), 'text/plain; charset=utf-8')
  t.match(await bad.text(), /^parse error at line 1, col 16: .*[^\n]$/)
  const one = await ask(url, 'series', { match: '{app=' })
  t.match(await one.text(), /^parse error at line 1, col 6: /)
  const several = await fetch(`${url}/series?match[]={app="web"}&match[]={app=`)
  t.equal(several.status, 400)
  t.notMatch(await several.text(), /line 1/)
  const formatted = await ask(url, 'format_query', { query: '{app=' })
  t.equal(formatted.status, 400)
  t.match(await formatted.json(), { status: 'invalid-query', error: /^parse error at line 1, col 6: / })
  t.equal((await ask(url, 'format_query', { query: '{app=~".*"}' })).status, 400)
  t.equal((await ask(url, 'format_query', { query: '{app="a"} |~ "("' })).status, 200)
})

void t.test('what goes wrong in the store is an error of the server, not of the query', async (t) => {
  const { querier } = stuckQuerier()
  const url = await serve(t, { ...querier, streams: () => Promise.reject(new Error('secret path')) })
  const response = await ask(url, 'labels')
  t.equal(response.status, 500)
  t.notMatch(await response.text(), /secret/)
})

void t.test('gzip for who takes it, where it is worth it', async (t) => {
  const url = await serve(t, filled(200))
  const get = (accept: string, limit: number): Promise<{ encoding: string | undefined; body: Buffer }> =>
    new Promise((resolve, reject) => {
      const query = new URLSearchParams({ query: '{app="web"}', limit: String(limit) }).toString()
      const headers = { 'accept-encoding': accept }
      httpRequest(`${url}/query_range?${query}`, { headers, agent: false }, (response) => {
        const chunks: Buffer[] = []
        response.on('data', (chunk: Buffer) => chunks.push(chunk))
        response.on('end', () =>
          resolve({ encoding: response.headers['content-encoding'], body: Buffer.concat(chunks) }),
        )
      })
        .on('error', reject)
        .end()
    })
  const plain = await get('identity', 200)
  t.equal(plain.encoding, undefined)
  const packed = await get('deflate, GZIP;q=0.5', 200)
  t.equal(packed.encoding, 'gzip')
  t.equal(gunzipSync(packed.body).toString(), plain.body.toString())
  t.equal((await get('gzip;q=0', 200)).encoding, undefined)
  t.equal((await get('gzip', 1)).encoding, undefined)
})

void t.test('a query that takes too long is stopped', async (t) => {
  const { querier, asked } = stuckQuerier()
  const url = await serve(t, querier, { limits: { timeout: 20 } })
  const response = await ask(url, 'labels')
  t.equal(response.status, 504)
  t.match(await response.text(), /longer than 0.02 s/)
  t.equal((await asked())?.aborted, true)
})

void t.test('a client that leaves stops its query', async (t) => {
  const { querier, asked } = stuckQuerier()
  const url = await serve(t, querier)
  const stop = new AbortController()
  const left = fetch(`${url}/labels`, { signal: stop.signal })
  const signal = (await asked())!
  const stopped = new Promise((resolve) => signal.addEventListener('abort', resolve, { once: true }))
  stop.abort()
  await t.rejects(left)
  await stopped
  t.equal((signal.reason as Error).message, 'the client is gone')
})

void t.test('too many at once are refused', async (t) => {
  const { querier, asked, release } = stuckQuerier()
  const url = await serve(t, querier, { turns: new Turns({ running: 1, waiting: 0 }) })
  const first = ask(url, 'labels')
  await asked()
  t.equal((await ask(url, 'labels')).status, 429)
  t.equal((await ask(url, 'format_query', { query: '{a="b"}' })).status, 200)
  release()
  t.equal((await first).status, 200)
  t.equal((await ask(url, 'labels')).status, 200)
})
