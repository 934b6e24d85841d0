import type { ServerResponse } from 'node:http'
import { gzipSync } from 'node:zlib'
import t, { type Test } from 'tap'
import { Logpull, PullError, TooOldError } from '../../../../lib/net/cloudflare/logpull.ts'
import { FakeCloudflare } from '../../../support/fake-cloudflare.ts'

const SPAN = { start: 1_700_000_000_000, end: 1_700_000_030_000 }
const { signal } = new AbortController()

function client(tap: Test, apiUrl: string): Logpull {
  const logpull = new Logpull({
    apiUrl,
    zone: 'z',
    token: 'sesame',
    fields: [],
    connections: 1,
    now: () => Date.UTC(2026, 0, 2, 3, 4, 5),
  })
  tap.teardown(() => logpull.close())
  return logpull
}

async function textOf(body: AsyncIterable<unknown>): Promise<string> {
  const chunks: Buffer[] = []
  for await (const chunk of body) chunks.push(chunk as Buffer)
  return Buffer.concat(chunks).toString('utf8')
}

void t.test('the logs of a span, unpacked', async (tap) => {
  const fake = await FakeCloudflare.start(tap, 10_000)
  const logpull = client(tap, `${fake.url}/`)
  const text = await textOf(await logpull.received(SPAN, signal))
  tap.equal(text, fake.lines(SPAN.start, SPAN.end).join('\n') + '\n')
  const [{ path, query, headers }] = fake.requests as [(typeof fake.requests)[0]]
  tap.equal(
    `${path}?${query.toString()}`,
    '/client/v4/zones/z/logs/received?start=1700000000000000000&end=1700000030000000000',
  )
  tap.match(headers, { authorization: 'Bearer sesame', 'accept-encoding': 'gzip' })
})

void t.test('refusals say why, and how long to wait', async (tap) => {
  const fake = await FakeCloudflare.start(tap, 10_000)
  const logpull = client(tap, fake.url)
  const answer = async (run: (response: ServerResponse) => void): Promise<unknown> => {
    fake.instead = (_, response) => {
      run(response)
      return true
    }
    return await logpull.received(SPAN, signal).catch((error: unknown) => error)
  }
  const errors = (...messages: string[]): string =>
    JSON.stringify({ errors: messages.map((message) => ({ message })) })
  tap.match(
    await answer((response) => response.writeHead(400).end(errors('one', 'two'))),
    new PullError('Cloudflare answered 400: one; two'),
  )
  tap.match(
    await answer((response) =>
      response
        .writeHead(429, { 'content-encoding': 'gzip', 'retry-after': '7' })
        .end(gzipSync(errors('slow'))),
    ),
    { message: 'Cloudflare answered 429: slow', retryAfterMs: 7000 },
  )
  tap.match(await answer((response) => response.writeHead(502).end(`<html>${'x'.repeat(100_000)}`)), {
    message: /^Cloudflare answered 502: <html>x{194}$/,
  })
  const old = await answer((response) =>
    response.writeHead(400).end(errors('too early: logs older than 72h0m0s are not available')),
  )
  tap.ok(old instanceof TooOldError)
  tap.equal((old as TooOldError).keptMs, 72 * 3_600_000)
  const gone = await client(tap, 'http://127.0.0.1:1/client/v4')
    .received(SPAN, signal)
    .catch((error: unknown) => error)
  tap.match(gone, { name: 'PullError', message: /^cannot reach Cloudflare at 127\.0\.0\.1:1: / })
  tap.notMatch(JSON.stringify([old, gone]), /sesame/)
})

void t.test('an answer that breaks off is an error', async (tap) => {
  const fake = await FakeCloudflare.start(tap, 10_000)
  const packed = gzipSync('{"RayID":"1"}\n'.repeat(1000))
  fake.instead = (_, response) =>
    !!response.writeHead(200, { 'content-encoding': 'gzip' }).end(packed.subarray(0, packed.length - 20))
  await tap.rejects(textOf(await client(tap, fake.url).received(SPAN, signal)), /unexpected end of file/)
})
