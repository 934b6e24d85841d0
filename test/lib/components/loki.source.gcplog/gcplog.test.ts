/** `loki.source.gcplog` over real HTTP: Pub/Sub's pushes as they are documented, answers, bounds, reloads. */
import { once } from 'node:events'
import t, { type Test } from 'tap'
import { decodeInput } from '../../../../lib/component/decode.ts'
import { lokiSourceGcplog } from '../../../../lib/components/loki.source.gcplog/gcplog.ts'
import { DELIVERED, lost } from '../../../../lib/flow/outcome.ts'
import { postTo, recordedRequests, startPushSource } from '../../../support/push-source.ts'
import { sourceContext } from '../../../support/source.ts'
import { StepClock } from '../../../support/step-clock.ts'
import { supervised } from '../../../support/supervised.ts'

const PATH = '/gcp/api/v1/push'
const LISTEN = { http: { listen_port: 0 } }

const message = (text: string): string =>
  JSON.stringify({
    message: { data: Buffer.from(JSON.stringify({ textPayload: text })).toString('base64'), messageId: '1' },
    subscription: 'projects/shop/subscriptions/logs',
  })

void t.test('recorded requests', async (tap: Test) => {
  await recordedRequests(tap, lokiSourceGcplog, 'gcplog', (push, rules) => ({
    push: { ...LISTEN, ...push },
    ...rules,
  }))
})

void t.test(
  'the answer waits until the entry is safe, and asks for it again if it is not',
  async (tap: Test) => {
    const { url, entries, component } = await startPushSource(tap, lokiSourceGcplog, { push: LISTEN }, 'open')
    tap.match(url, /^http:\/\/127\.0\.0\.1:/, 'this machine only, by default')
    const posted = postTo(`${url}${PATH}`, message('a'))
    while (entries.length < 1) await once(component.output!, 'data')
    entries[0]!.ack.settle(lost('shutdown'))
    tap.match(await posted, { status: 503, retry: '1' })
  },
)

void t.test('push_timeout bounds the wait, and so does server_write_timeout', async (tap: Test) => {
  for (const push of [
    { http: { ...LISTEN.http }, push_timeout: '2s' },
    { http: { ...LISTEN.http, server_write_timeout: '2s' }, push_timeout: '9s' },
    { http: { ...LISTEN.http, server_write_timeout: '0s' }, push_timeout: '2s' },
    { http: { ...LISTEN.http, server_write_timeout: '2s' } },
  ]) {
    const clock = new StepClock()
    const ctx = sourceContext({ clock })
    const running = await startPushSource(tap, lokiSourceGcplog, { push }, 'open', ctx)
    const posted = postTo(`${running.url}${PATH}`, message('a'))
    while (running.entries.length < 1) await once(running.component.output!, 'data')
    clock.advance(2000)
    tap.match(await posted, { status: 503, text: /not safe yet/ })
    running.entries[0]!.ack.settle(DELIVERED)
  }
})

void t.test('bounded: a body, and values in it', async (tap: Test) => {
  const { url, entries } = await startPushSource(tap, lokiSourceGcplog, { push: LISTEN })
  tap.equal((await postTo(`${url}${PATH}`, Buffer.alloc(17 * 1024 * 1024, 0x20))).status, 413)
  tap.equal((await postTo(`${url}${PATH}`, `[${'[],'.repeat(4_000_000)}[]]`)).status, 400)
  tap.equal(entries.length, 0)
})

void t.test('a reload that changes labels, rules or lines keeps the port', async (tap: Test) => {
  const { url, entries, component } = await startPushSource(tap, lokiSourceGcplog, { push: LISTEN })
  const decode = (push: object) =>
    decodeInput(lokiSourceGcplog.name, lokiSourceGcplog.fields, {
      forward_to: [],
      push: { ...LISTEN, ...push },
    })
  tap.ok(component.update!(decode({ labels: { job: 'b' } })))
  tap.equal((await postTo(`${url}${PATH}`, message('a'))).status, 204)
  tap.strictSame(entries[0]!.labels.toObject(), { job: 'b' })
  tap.notOk(component.update!(decode({ push_timeout: '3s' })))
})

void t.test('what is refused is logged, once a minute', async (tap: Test) => {
  const ctx = sourceContext()
  const { url } = await startPushSource(tap, lokiSourceGcplog, { push: LISTEN }, DELIVERED, ctx)
  for (let i = 0; i < 3; i++) await postTo(`${url}${PATH}`, '{}')
  tap.equal(ctx.logged.filter((line) => line.startsWith('a message of Pub/Sub was refused')).length, 1)
})

void t.test('configs: one push block, and none that pulls', async (tap: Test) => {
  const check = async (body: string): Promise<string[]> =>
    await supervised(tap).check(`loki.source.gcplog "x" {\nforward_to = []\n${body}\n}`)
  tap.same(await check('push { }'), [])
  tap.same(await check('push {\nhttp {\nlisten_port = 4040\n}\ngrpc { }\nlabels = {a = "b"}\n}'), [])
  tap.match(await check(''), [/^c:1:1 expected a push block, found none/])
  const pull = 'pull {\nproject_id = "p"\nsubscription = "s"\nlimit {\nmax_outstanding_bytes = "1GiB"\n}\n}'
  tap.match(await check(pull), [/^c:3:1 pull: logstream doesn't pull .* push subscription/])
  tap.match(await check('push {\npush_timeout = "-1s"\n}'), [/push_timeout: expected 0s or more/])
  tap.match(await check('push {\nhttp {\nhttp2 {\nenabled = true\n}\n}\n}'), [/HTTP\/2/])
})
