import t from 'tap'
import { main } from '../../../lib/cli/main.ts'
import { startServer, type HttpServer } from '../../../lib/net/server/server.ts'
import { queryRoutes } from '../../../lib/store/query/routes.ts'
import { SILENT } from '../../../lib/telemetry/log.ts'
import { fakeIo } from '../../support/fake-io.ts'
import { MemoryQuerier } from '../../support/memory-querier.ts'

/** 2026-01-05T10:00:00Z. */
const START = 1_767_607_200
const RANGE = ['--from', String(START), '--to', '2026-01-05T11:00:00Z']

function at(seconds: number): string {
  return `${START + seconds}000000000`
}

const querier = new MemoryQuerier({ discover: false })
querier.push({
  streams: [
    {
      stream: { app: 'web', env: 'a' },
      values: [
        [at(1), 'first'],
        [at(3), 'third \u001b[31m\tred'],
      ],
    },
    { stream: { app: 'web', env: 'b' }, values: [[at(2), 'second']] },
    {
      // 2500 lines, 5 at each time, so that pages end within one time.
      stream: { app: 'many' },
      values: Array.from({ length: 2500 }, (_, i) => [at(Math.floor(i / 5)), `line ${i}`] as const),
    },
    // As many at one time as the largest page holds, and one more.
    { stream: { app: 'crowd' }, values: Array.from({ length: 5001 }, (_, i) => [at(0), `c${i}`] as const) },
    { stream: { app: 'group' }, values: Array.from({ length: 1500 }, (_, i) => [at(0), `g${i}`] as const) },
  ],
})

let server: HttpServer
const asked: { path: string; headers: Record<string, unknown> }[] = []

t.before(async () => {
  const routes = queryRoutes({ querier }).map((route) => ({
    ...route,
    handle: (...[request, response]: Parameters<typeof route.handle>) => {
      asked.push({ path: `${request.method} ${request.path}`, headers: request.headers })
      return route.handle(request, response)
    },
  }))
  server = await startServer({ listen: '127.0.0.1:0', routes, log: SILENT })
})
t.teardown(() => server.close())

async function query(...args: string[]): Promise<{ code: number; out: string; err: string }> {
  const io = fakeIo()
  const code = await main(['query', ...(args.includes('--url') ? [] : ['--url', server.url]), ...args], io)
  return { code, out: io.out(), err: io.err() }
}

void t.test('lines as they are, the newest first or the oldest', async (t) => {
  const newest = await query('{app="web"}', ...RANGE)
  t.equal(newest.code, 0)
  t.equal(newest.out, 'third \u001b[31m\tred\nsecond\nfirst\n')
  t.equal((await query('{app="web"}', ...RANGE, '--forward', '--limit', '2')).out, 'first\nsecond\n')
  t.equal(
    (await query('{app="web"}', '--since', '2m', '--to', at(61), '--limit', '1')).out.slice(0, 5),
    'third',
  )
  t.equal((await query('{app="none"}', ...RANGE)).out, '')
})

void t.test('objects, a table, and the answer as it is', async (t) => {
  const lines = await query('{app="web"} |= "second"', ...RANGE, '--output', 'jsonl')
  t.strictSame(JSON.parse(lines.out), {
    timestamp: '2026-01-05T10:00:02Z',
    labels: { app: 'web', env: 'b' },
    line: 'second',
  })
  const table = await query('{app="web"}', ...RANGE, '--output', 'table', '--forward')
  t.equal(
    table.out,
    [
      '{app="web"}',
      'TIME                  env  LINE',
      '2026-01-05T10:00:01Z  a    first',
      '2026-01-05T10:00:02Z  b    second',
      '2026-01-05T10:00:03Z  a    third \\x1b[31m red',
      '',
    ].join('\n'),
  )
  t.equal((await query('{app="none"}', ...RANGE, '--output', 'table')).out, 'nothing found\n')
  const json = await query('{app="web"}', ...RANGE, '--output', 'json')
  t.match(JSON.parse(json.out), {
    resultType: 'streams',
    result: [
      { stream: { env: 'a' }, values: [[at(3)], [at(1), 'first']] },
      { stream: { env: 'b' }, values: [[at(2), 'second']] },
    ],
  })
})

void t.test('metrics over time and at its end', async (t) => {
  const sum = 'sum by (env) (count_over_time({app="web"}[1h]))'
  const range = await query(sum, ...RANGE, '--step', '1h')
  t.equal(
    range.out,
    'TIME                  env  VALUE\n2026-01-05T11:00:00Z  a    2\n2026-01-05T11:00:00Z  b    1\n',
  )
  const instant = await query(sum, '--to', RANGE[3]!, '--instant', '--output', 'jsonl')
  t.strictSame(JSON.parse(instant.out.split('\n')[0]!), {
    timestamp: '2026-01-05T11:00:00Z',
    labels: { env: 'a' },
    value: '2',
  })
  t.match(JSON.parse((await query('1+1', '--instant', '--output', 'json')).out), { resultType: 'scalar' })
  t.equal((await query(sum, ...RANGE, '--limit', '1', '--step', '1h')).out, range.out)
})

void t.test('page after page, each line once', async (t) => {
  for (const direction of [['--forward'], []]) {
    const { out } = await query('{app="many"}', ...RANGE, '--limit', '0', ...direction)
    const lines = out.trimEnd().split('\n')
    t.equal(lines.length, 2500)
    t.equal(new Set(lines).size, 2500)
    t.equal(lines[0], direction.length > 0 ? 'line 0' : 'line 2499')
  }
  const some = await query('{app="many"}', ...RANGE, '--limit', '1203', '--forward')
  t.equal(some.out.trimEnd().split('\n').at(-1), 'line 1202')
  const group = await query('{app="group"}', ...RANGE, '--limit', '0')
  t.equal(new Set(group.out.trimEnd().split('\n')).size, 1500)
  const crowd = await query('{app="crowd"}', ...RANGE, '--limit', '0')
  t.equal(crowd.code, 1)
  t.match(crowd.err, /more than 5000 lines have the time/)
})

void t.test('LOKI_URL says where to ask, without --url', async (t) => {
  const io = fakeIo('', { LOKI_URL: `${server.url}/loki/api/v1/push` })
  t.equal(await main(['query', '{app="web"}', ...RANGE], io), 0)
  t.not(io.out(), '')
  const wrong = fakeIo('', { LOKI_URL: 'grpc://127.0.0.1:9095' })
  t.equal(await main(['query', '{app="web"}'], wrong), 1)
  t.match(wrong.err(), /expected --url, or LOKI_URL, to be the URL of a Loki/)
})

void t.test('long queries go in a body, credentials and headers in headers', async (t) => {
  const url = server.url.replace('://', '://me:p%40ss@')
  asked.length = 0
  const long = `{app="web"} != "${'x'.repeat(5000)}"`
  const { code, out } = await query(
    long,
    ...RANGE,
    '--url',
    `${url}/loki/api/v1/push`,
    '--header',
    'X-Scope-OrgID: team',
  )
  t.equal(code, 0)
  t.equal(out.trimEnd().split('\n').length, 3)
  t.equal(asked[0]?.path, 'POST /loki/api/v1/query_range')
  t.match(asked[0]?.headers, {
    authorization: `Basic ${Buffer.from('me:p@ss').toString('base64')}`,
    'x-scope-orgid': 'team',
  })
  await query('{app="web"}', ...RANGE)
  t.equal(asked[1]?.path, 'GET /loki/api/v1/query_range')
})

void t.test('what is wrong is said', async (t) => {
  const cases: [args: string[], message: RegExp][] = [
    [[], /query takes one LOGQL\. See/],
    [['{app="web"}', '{b="c"}'], /one LOGQL, in quotes/],
    [['{a="b"}', '--output', 'xml'], /text, raw, json, jsonl, table, chart, found "xml"/],
    [['{a="b"}', '--limit', 'few'], /'limit' must be a number/],
    [['{a="b"}', '--from', 'noon'], /'from' parameter "noon"/],
    [['{a="b"}', '--from', '1', '--since', '1h'], /give one of them/],
    [['{a="b"}', '--from', '2', '--to', '1'], /--from must be before --to/],
    [['{a="b"}', '--since', 'long'], /'since'/],
    [['{a="b"}', '--header', 'nothing'], /"Name: value"/],
    [['{a="b"}', '--url', 'ftp://x'], /URL of a Loki/],
    [['{a="b"}', '--url', 'http://127.0.0.1:1'], /cannot ask http:\/\/127\.0\.0\.1:1: /],
    [['{a='], /answered 400: parse error at line 1/],
    [['{a="b"}', '--url', `${server.url}/other`], /answered 404/],
  ]
  for (const [args, message] of cases) {
    const { code, err } = await query(...args)
    t.equal(code, 1, args.join(' '))
    t.match(err, message)
  }
})

void t.test('a server other than Loki', async (t) => {
  const handle = (): { status: number; body: string } => ({ status: 200, body: '<html>' })
  const routes = [{ methods: ['GET'], path: '/*', handle }]
  const other = await startServer({ listen: '127.0.0.1:0', routes, log: SILENT })
  t.teardown(() => other.close())
  t.match((await query('{a="b"}', '--url', other.url)).err, /did not answer as Loki does/)
})

void t.test('labels, series and stats: what there is to ask for', async (t) => {
  t.equal((await query('labels', ...RANGE)).out, 'app\nenv\n')
  t.equal((await query('labels', 'env', ...RANGE)).out, 'a\nb\n')
  t.equal(
    (await query('series', '{app="web"}', ...RANGE)).out,
    '{app="web", env="a"}\n{app="web", env="b"}\n',
  )
  t.match(
    (await query('stats', '{app="web"}', ...RANGE)).out,
    /^2 streams, \d+ chunks?, 3 entries, \d+ bytes\n$/,
  )
  t.same(JSON.parse((await query('labels', 'env', ...RANGE, '--output', 'json')).out), ['a', 'b'])
  for (const args of [['labels', 'a', 'b'], ['series'], ['stats', '{a="b"}', 'x']])
    t.match(await query(...args), { code: 1, err: /query \w+ takes .* See: logstream query --help/ })
  t.match(await query('series', '{'), { code: 1, err: /answered 400/ })
})
