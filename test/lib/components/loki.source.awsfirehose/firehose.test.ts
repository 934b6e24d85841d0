/** `loki.source.awsfirehose` over real HTTP: Firehose's requests as they are documented, answers, bounds, reloads. */
import { once } from 'node:events'
import { gzipSync } from 'node:zlib'
import t, { type Test } from 'tap'
import { decodeInput } from '../../../../lib/component/decode.ts'
import { lokiSourceAwsFirehose } from '../../../../lib/components/loki.source.awsfirehose/firehose.ts'
import { DELIVERED, lost } from '../../../../lib/flow/outcome.ts'
import { postTo, recordedRequests, startPushSource } from '../../../support/push-source.ts'
import { metric, sourceContext } from '../../../support/source.ts'
import { supervised } from '../../../support/supervised.ts'

const PATH = '/awsfirehose/api/v1/push'

const source = (tap: Test, ...more: [object?, ('open' | typeof DELIVERED)?]) =>
  startPushSource(tap, lokiSourceAwsFirehose, { http: { listen_port: 0 }, ...more[0] }, more[1])

const request = (...records: (string | Buffer)[]): string =>
  JSON.stringify({
    requestId: 'r',
    timestamp: 1_684_422_829_730,
    records: records.map((record) => ({ data: Buffer.from(record).toString('base64') })),
  })

void t.test('recorded requests', async (tap: Test) => {
  await recordedRequests(tap, lokiSourceAwsFirehose, 'awsfirehose')
})

void t.test(
  'the answer waits until the entries are safe, and asks for them again if they are not',
  async (tap: Test) => {
    const { url, entries, component } = await source(tap, {}, 'open')
    tap.match(url, /^http:\/\/127\.0\.0\.1:/, 'this machine only, by default')
    const posted = postTo(`${url}${PATH}`, request('a', 'b'), { 'x-amz-firehose-request-id': 'r' })
    while (entries.length < 2) await once(component.output!, 'data')
    entries[0]!.ack.settle(DELIVERED)
    entries[1]!.ack.settle(lost('shutdown'))
    const answer = await posted
    tap.match(answer, { status: 503, retry: '1', type: 'application/json' })
    tap.match(JSON.parse(answer.text), { requestId: 'r', timestamp: Number, errorMessage: /again/ })
  },
)

void t.test('bounded: bodies, records packed a thousand times, and events', async (tap: Test) => {
  const { url, entries, ctx } = await source(tap)
  const status = async (body: string | Buffer, headers = {}): Promise<number> =>
    (await postTo(`${url}${PATH}`, body, headers)).status
  const mebibytes = (n: number): Buffer => gzipSync(Buffer.alloc(n * 1024 * 1024, 'a'))
  tap.equal(await status(Buffer.alloc(17 * 1024 * 1024, 0x20)), 413)
  tap.equal(await status(mebibytes(17), { 'content-encoding': 'gzip' }), 413)
  const answer = await postTo(`${url}${PATH}`, request(mebibytes(17)))
  tap.match(answer, { status: 413, text: /lower the buffer size/ }, 'one record')
  const most = mebibytes(16)
  tap.equal(await status(request(most, most, most, most, 'a')), 413, 'all together')
  const logEvents = Array.from({ length: 200_001 }, () => ({ message: 'a' }))
  tap.equal(await status(request(gzipSync(JSON.stringify({ messageType: 'X', logEvents })))), 413)
  tap.equal(entries.length, 0, 'nothing of them is taken')
  tap.equal(await status(request('a')), 200, 'the next one is')
  tap.equal(metric(ctx, 'logstream_source_awsfirehose_refused_pushes_total'), 5)
})

void t.test('a reload that changes rules, times or the access key keeps the port', async (tap: Test) => {
  const { url, component, ctx } = await source(tap)
  const decode = (more: object) =>
    decodeInput(lokiSourceAwsFirehose.name, lokiSourceAwsFirehose.fields, {
      forward_to: [],
      http: { listen_port: 0 },
      ...more,
    })
  tap.ok(component.update!(decode({ access_key: 'sesame' })))
  tap.equal((await postTo(`${url}${PATH}`, request('a'))).status, 401)
  tap.equal(
    (await postTo(`${url}${PATH}`, request('a'), { 'x-amz-firehose-access-key': 'sesame' })).status,
    200,
  )
  const [batches] = ctx.metrics.snapshot().filter(({ name }) => name.endsWith('batch_size'))
  tap.strictSame(
    batches?.samples.filter(({ name }) => name?.endsWith('_count')).map(({ value }) => value),
    [1],
    'its metrics stay one series',
  )
  tap.notOk(component.update!(decode({ http: { listen_port: 0, conn_limit: 3 } })))
})

void t.test('what is refused is logged, once a minute and without the key', async (tap: Test) => {
  const ctx = sourceContext()
  const options = { http: { listen_port: 0 }, access_key: 'sesame' }
  const { url } = await startPushSource(tap, lokiSourceAwsFirehose, options, DELIVERED, ctx)
  for (let i = 0; i < 3; i++)
    await postTo(`${url}${PATH}`, request('a'), { 'x-amz-firehose-access-key': 'open' })
  tap.equal(ctx.logged.filter((line) => line.startsWith('a request of Firehose was refused')).length, 1)
  tap.notMatch(ctx.logged.join('\n'), /sesame|open/)
})

void t.test('a config of Alloy is valid', async (tap: Test) => {
  const config = `loki.source.awsfirehose "x" {
  http { listen_port = 9999 }
  access_key    = "sesame"
  forward_to    = []
}`
  tap.same(await supervised(tap).check(config), [])
})
