/** Notifications: what Alertmanager and webhooks are sent, and what happens while they are away. */
import { createServer, type IncomingMessage } from 'node:http'
import type { AddressInfo } from 'node:net'
import { text as readAll } from 'node:stream/consumers'
import t, { type Test } from 'tap'
import { decodeInput } from '../../../../lib/component/decode.ts'
import { clientFields } from '../../../../lib/net/client/fields.ts'
import { alertmanager, alertsUrl } from '../../../../lib/rules/notify/alertmanager.ts'
import { httpPost, type HttpPost, type PostOutcome } from '../../../../lib/rules/notify/http-post.ts'
import type { Notification } from '../../../../lib/rules/notify/notification.ts'
import { Outbox, type Destination } from '../../../../lib/rules/notify/outbox.ts'
import { webhook } from '../../../../lib/rules/notify/webhook.ts'
import { SILENT } from '../../../../lib/telemetry/log.ts'
import { StepClock } from '../../../support/step-clock.ts'

function notification(name: string, changes: Partial<Notification> = {}): Notification {
  return {
    key: name,
    labels: { alertname: 'A', name },
    annotations: { summary: 's' },
    startsAt: 1000,
    endsAt: Date.UTC(2026, 0, 3),
    resolved: false,
    generatorUrl: 'http://logs/?q=x',
    ...changes,
  }
}

const BUSY: PostOutcome = { ok: false, final: false, reason: 'busy' }
const REFUSED: PostOutcome = { ok: false, final: true, reason: 'bad' }

/** A destination that answers as the test says, and tells when it was asked. */
function destination(answers: PostOutcome[]) {
  const batches: string[][] = []
  let wake: () => void = () => {}
  const of: Destination = {
    name: 'd',
    wants: () => true,
    send: (batch) => {
      batches.push(batch.map(({ key, resolved }) => (resolved ? `${key} resolved` : key)))
      wake()
      return Promise.resolve(answers.shift() ?? { ok: true })
    },
    close: () => Promise.resolve(),
  }
  const asked = async (times: number): Promise<void> => {
    while (batches.length < times) await new Promise<void>((resolve) => (wake = resolve))
  }
  return { of, batches, asked }
}

async function settled(): Promise<void> {
  for (let i = 0; i < 10; i++) await Promise.resolve()
}

void t.test('what was not taken is sent again, the newest of each alert', async (tap) => {
  const clock = new StepClock()
  const { of, batches, asked } = destination([BUSY, BUSY])
  const outbox = new Outbox(of, clock, SILENT)
  outbox.put([notification('a'), notification('b')])
  await asked(1)
  await settled()
  outbox.put([notification('a', { resolved: true })])
  clock.advance(499)
  tap.equal(batches.length, 1)
  clock.advance(1)
  await asked(2)
  await settled()
  clock.advance(999)
  tap.equal(batches.length, 2, 'the second pause is longer')
  clock.advance(1)
  await asked(3)
  await settled()
  tap.same(
    batches.map((each) => each.sort()),
    [
      ['a', 'b'],
      ['a resolved', 'b'],
      ['a resolved', 'b'],
    ],
  )
  tap.same(outbox.counts, { sent: 2, failed: 4, dropped: 0 })
  tap.equal(outbox.waiting, 0)
  await outbox.close()
})

void t.test('what is refused for good is not, and what is stale is left out', async (tap) => {
  const clock = new StepClock()
  const { of, batches, asked } = destination([REFUSED, BUSY])
  const outbox = new Outbox(of, clock, SILENT)
  outbox.put([notification('a')])
  await asked(1)
  await settled()
  tap.same(outbox.counts, { sent: 0, failed: 1, dropped: 1 })
  outbox.put([
    notification('b', { endsAt: clock.now() + 100 }),
    notification('c', { resolved: true, endsAt: 1 }),
  ])
  await asked(2)
  await settled()
  clock.advance(500)
  await asked(3)
  await settled()
  tap.same(batches, [['a'], ['b', 'c resolved'], ['c resolved']])
  await outbox.close()
})

void t.test('batches and the bound on what waits', async (tap) => {
  const clock = new StepClock()
  const { of, batches, asked } = destination([BUSY])
  const outbox = new Outbox(of, clock, SILENT)
  outbox.put(Array.from({ length: 10_500 }, (_, i) => notification(String(i))))
  tap.equal(outbox.counts.dropped, 500)
  await asked(1)
  tap.equal(batches[0]!.length, 256)
  await settled()
  await outbox.close()
})

interface Received {
  readonly path: string
  readonly headers: IncomingMessage['headers']
  readonly body: unknown
}

async function receiver(tap: Test, status: () => number): Promise<{ url: URL; received: Received[] }> {
  const received: Received[] = []
  const server = createServer((request, response) => {
    void readAll(request).then((body) => {
      received.push({ path: request.url!, headers: request.headers, body: JSON.parse(body) })
      response.writeHead(status()).end('what it says')
    })
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  tap.teardown(() => server.close())
  return { url: new URL(`http://127.0.0.1:${(server.address() as AddressInfo).port}/am/`), received }
}

function post(tap: Test, url: URL, client: object = {}): HttpPost {
  const made = httpPost({
    url,
    client: decodeInput('client', clientFields, client),
    timeoutMs: 5000,
    now: Date.now,
  })
  tap.teardown(() => made.close())
  return made
}

void t.test('Alertmanager: path, shape, credentials, answers', async (tap) => {
  let status = 200
  const { url, received } = await receiver(tap, () => status)
  const file = tap.testdir({ token: 'sesame\n' })
  const of = alertmanager(post(tap, alertsUrl(url), { bearer_token_file: `${file}/token` }))
  tap.same(await of.send([notification('a')]), { ok: true })
  tap.match(received, [{ path: '/am/api/v2/alerts', headers: { authorization: 'Bearer sesame' } }])
  tap.strictSame(received[0]!.body, [
    {
      labels: { alertname: 'A', name: 'a' },
      annotations: { summary: 's' },
      startsAt: '1970-01-01T00:00:01.000Z',
      endsAt: '2026-01-03T00:00:00.000Z',
      generatorURL: 'http://logs/?q=x',
    },
  ])
  status = 503
  tap.same(await of.send([notification('a')]), {
    ok: false,
    final: false,
    reason: 'status 503: what it says',
  })
  status = 400
  tap.match(await of.send([notification('a')]), { ok: false, final: true })
  status = 429
  tap.match(await of.send([notification('a')]), { ok: false, final: false })
  const nowhere = alertmanager(post(tap, new URL('http://127.0.0.1:1/x')))
  tap.match(await nowhere.send([notification('a')]), { ok: false, final: false })
})

void t.test('a webhook is told of the beginning and the end, in the shape of a receiver', async (tap) => {
  const { url, received } = await receiver(tap, () => 200)
  let now = 0
  const of = webhook({ post: post(tap, url), externalUrl: 'http://logs', repeatMs: 1000, now: () => now })
  const firing = notification('a')
  const resolved = notification('a', { resolved: true, endsAt: 5000 })
  tap.notOk(of.wants(resolved), 'no end without a beginning')
  tap.ok(of.wants(firing))
  await of.send([firing, notification('b', { labels: { alertname: 'B' } })])
  tap.match(
    received.map(({ body }) => body),
    [
      {
        version: '4',
        status: 'firing',
        truncatedAlerts: 0,
        groupLabels: { alertname: 'A' },
        commonLabels: { alertname: 'A', name: 'a' },
        externalURL: 'http://logs',
        alerts: [{ status: 'firing', endsAt: '0001-01-01T00:00:00Z', fingerprint: /^[0-9a-f]{16}$/ }],
      },
      { groupLabels: { alertname: 'B' } },
    ],
  )
  tap.notOk(of.wants(firing), 'not again')
  now = 1000
  tap.ok(of.wants(firing), 'but after a while')
  tap.ok(of.wants(resolved))
  await of.send([resolved])
  tap.match(received.at(-1)!.body, {
    status: 'resolved',
    alerts: [{ status: 'resolved', endsAt: '1970-01-01T00:00:05.000Z' }],
  })
  tap.notOk(of.wants(resolved))
})
