/** `loki.source.heroku` over real HTTP: Logplex's requests as they are documented, answers, bounds, reloads. */
import { once } from 'node:events'
import { connect } from 'node:net'
import t, { type Test } from 'tap'
import { decodeInput } from '../../../../lib/component/decode.ts'
import { lokiSourceHeroku } from '../../../../lib/components/loki.source.heroku/heroku.ts'
import { DELIVERED, lost } from '../../../../lib/flow/outcome.ts'
import { postTo, recordedRequests, startPushSource } from '../../../support/push-source.ts'
import { sourceContext } from '../../../support/source.ts'
import { supervised } from '../../../support/supervised.ts'

const PATH = '/heroku/api/v1/drain'
const MESSAGE = '<190>1 2022-06-13T14:52:23Z host app web.1 - hi\n'
const LINE = `${MESSAGE.length} ${MESSAGE}`

const source = (tap: Test, ...more: [object?, ('open' | typeof DELIVERED)?]) =>
  startPushSource(tap, lokiSourceHeroku, { http: { listen_port: 0 }, ...more[0] }, more[1])

void t.test('recorded requests', async (tap: Test) => {
  await recordedRequests(tap, lokiSourceHeroku, 'heroku')
})

void t.test('other requests', async (tap: Test) => {
  const { url, component } = await source(tap)
  tap.match(url, /^http:\/\/127\.0\.0\.1:/, 'this machine only, by default')
  tap.equal((await fetch(`${url}/healthy`)).status, 200)
  tap.equal((await fetch(`${url}${PATH}`)).status, 405)
  tap.strictSame(component.status!(), { address: url, grpc: undefined, requests: 0 })
})

void t.test(
  'the answer waits until the entries are safe, and asks for them again if they are not',
  async (tap: Test) => {
    const { url, entries, component } = await source(tap, {}, 'open')
    const posted = postTo(`${url}${PATH}`, LINE + LINE)
    while (entries.length < 2) await once(component.output!, 'data')
    entries[0]!.ack.settle(DELIVERED)
    entries[1]!.ack.settle(lost('shutdown'))
    tap.match(await posted, { status: 503, retry: '1' })
  },
)

void t.test('bounded: bodies, frames, and a request that never ends', async (tap: Test) => {
  const { url, entries } = await source(tap, { http: { listen_port: 0, server_read_timeout: '1s' } })
  tap.equal((await postTo(`${url}${PATH}`, Buffer.alloc(17 * 1024 * 1024, 0x20))).status, 413)
  tap.match(await postTo(`${url}${PATH}`, LINE + '1 x'.repeat(250_000)), {
    status: 413,
    text: /more than 200000 entries/,
  })
  const socket = connect(Number(new URL(url).port), '127.0.0.1')
  socket.write(`POST ${PATH} HTTP/1.1\r\nhost: 127.0.0.1\r\ncontent-length: 1000\r\n\r\n${LINE}`)
  await once(socket.resume(), 'close')
  tap.equal(entries.length, 0, 'nothing of them is taken')
  tap.equal((await postTo(`${url}${PATH}`, LINE)).status, 204, 'the next one is')
})

void t.test('a reload that changes labels, rules or times keeps the port', async (tap: Test) => {
  const { url, entries, component } = await source(tap)
  const decode = (more: object) =>
    decodeInput(lokiSourceHeroku.name, lokiSourceHeroku.fields, {
      forward_to: [],
      http: { listen_port: 0 },
      ...more,
    })
  tap.ok(component.update!(decode({ labels: { job: 'b' } })))
  tap.equal((await postTo(`${url}${PATH}`, LINE)).status, 204)
  tap.strictSame(entries[0]!.labels.toObject(), { job: 'b' })
  tap.notOk(component.update!(decode({ http: { listen_port: 0, conn_limit: 3 } })))
})

void t.test('what is refused is logged, once a minute', async (tap: Test) => {
  const ctx = sourceContext()
  const { url } = await startPushSource(tap, lokiSourceHeroku, { http: { listen_port: 0 } }, DELIVERED, ctx)
  for (let i = 0; i < 3; i++) await postTo(`${url}${PATH}`, `${LINE}99 <190>1 `)
  tap.equal(ctx.logged.filter((line) => line.startsWith('a frame of Heroku was refused')).length, 1)
})

void t.test('a config of Alloy is valid; HTTP/2 is warned of', async (tap: Test) => {
  const config = (body: string): string => `loki.source.heroku "x" {\nforward_to = []\n${body}\n}`
  tap.same(await supervised(tap).check(config('http {\nlisten_port = 4040\n}\ngrpc { }')), [])
  tap.match(await supervised(tap).check(config('http {\nhttp2 {\nenabled = true\n}\n}')), [
    /^c:5:\d+ .*HTTP\/2/,
  ])
  tap.match(await supervised(tap).check(config('http {\ntls {\nmin_version = "1"\n}\n}')), [
    /^c:5:\d+ min_version/,
  ])
})
