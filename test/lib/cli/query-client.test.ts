import t, { type Test } from 'tap'
import { askInstant, askRange, queryServer, type QueryRow } from '../../../lib/cli/query-client.ts'
import { json, type Request } from '../../../lib/net/server/router.ts'
import { startServer } from '../../../lib/net/server/server.ts'
import { SILENT } from '../../../lib/telemetry/log.ts'

const signal = new AbortController().signal

void t.test('addresses and credentials', (t) => {
  const cases: [text: string, url: string][] = [
    ['http://h:3100', 'http://h:3100'],
    ['https://h/', 'https://h'],
    ['http://h/loki/api/v1/push', 'http://h'],
    ['http://h/tenant/loki/api/v1/query_range', 'http://h/tenant'],
    ['http://h/proxy/?x=1', 'http://h/proxy'],
  ]
  for (const [text, url] of cases) t.equal(queryServer(text, [], signal).url, url)
  const { headers } = queryServer('http://a%20b:c@h', ['X-A: 1: 2'], signal)
  t.equal(headers['authorization'], `Basic ${Buffer.from('a b:c').toString('base64')}`)
  t.equal(headers['x-a'], '1: 2')
  for (const header of ['none', ': v', 'a b: c', 'a: b\nc: d'])
    t.throws(() => queryServer('http://h', [header], signal), { code: 'BAD_USAGE' }, header)
  t.throws(() => queryServer('h:3100', [], signal), { code: 'BAD_USAGE' })
  t.end()
})

/** Answers as a server would that holds `times`, in seconds. */
async function serve(test: Test, times: readonly number[]): Promise<{ url: string; limits: string[] }> {
  const limits: string[] = []
  const handle = ({ query }: Request): ReturnType<typeof json> => {
    limits.push(query.get('limit')!)
    const inside = times
      .map((time, i) => [`${time}000000000`, `line ${i}`] as const)
      .filter(
        ([time]) => BigInt(time) >= BigInt(query.get('start')!) && BigInt(time) < BigInt(query.get('end')!),
      )
    const values = inside.slice(0, Number(query.get('limit')))
    return json(200, { status: 'success', data: { resultType: 'streams', result: [{ stream: {}, values }] } })
  }
  const server = await startServer({
    listen: '127.0.0.1:0',
    log: SILENT,
    routes: [
      { methods: ['GET'], path: '/loki/api/v1/query_range', handle },
      {
        methods: ['GET'],
        path: '/loki/api/v1/query',
        handle: () => json(200, { data: { resultType: 'scalar', result: [1.5, '2'] } }),
      },
    ],
  })
  test.teardown(() => server.close())
  return { url: server.url, limits }
}

void t.test('pages overlap by one time and give each line once', async (t) => {
  const times = Array.from({ length: 1500 }, (_, i) => 1000 + Math.floor(i / 3))
  const { url, limits } = await serve(t, times)
  const rows: QueryRow[] = []
  const range = {
    query: '{}',
    start: 0n,
    end: 10n ** 18n,
    direction: 'forward',
    limit: 1400,
    step: '',
  } as const
  for await (const page of askRange(queryServer(url, [], signal), range)) rows.push(...page.rows)
  t.strictSame(
    rows.map(({ text }) => text),
    times.slice(0, 1400).map((_, i) => `line ${i}`),
  )
  t.strictSame(limits, ['1000', '401'])
})

void t.test('a scalar is a row without labels', async (t) => {
  const { url } = await serve(t, [])
  const { kind, rows } = await askInstant(queryServer(url, [], signal), '1+1', 0n)
  t.strictSame({ kind, rows }, { kind: 'numbers', rows: [{ time: 1_500_000_000n, labels: {}, text: '2' }] })
})
