/** Tenants: names, credentials, and queries over several. */
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import t from 'tap'
import { queryInstant, queryRange } from '../../../../lib/logql/engine/engine.ts'
import { parseExpression } from '../../../../lib/logql/syntax/parse.ts'
import { TenantCredentials } from '../../../../lib/store/tenants/credentials.ts'
import { mergedQuerier } from '../../../../lib/store/tenants/merged-querier.ts'
import { tenantNames } from '../../../../lib/store/tenants/names.ts'
import { createLogger, SILENT } from '../../../../lib/telemetry/log.ts'
import { MemoryQuerier } from '../../../support/memory-querier.ts'
import { StepClock } from '../../../support/step-clock.ts'

void t.test('names of tenants', (tap) => {
  tap.same(tenantNames('a'), { ok: true, names: ['a'] })
  tap.same(tenantNames("b|a!-_.*'()|b"), { ok: true, names: ["a!-_.*'()", 'b'] })
  tap.match(tenantNames('x'.repeat(150)), { ok: true })
  for (const [header, status, message] of [
    [undefined, 401, 'no org id'],
    ['', 401, 'no org id'],
    ['..', 400, "tenant ID is '.' or '..'"],
    ['a|.', 400, "tenant ID is '.' or '..'"],
    ['a/b', 400, "tenant ID 'a/b' contains unsupported character '/'"],
    ['a\\b', 400, /unsupported character/],
    ['a b', 400, /unsupported character ' '/],
    ['ä', 400, /unsupported character/],
    ['a||b', 400, 'a tenant ID is empty'],
    ['x'.repeat(151), 400, 'tenant ID is too long: max 150 characters'],
  ] as const)
    tap.match(tenantNames(header), { ok: false, status, message }, String(header))
  tap.end()
})

const basic = (text: string): string => `Basic ${Buffer.from(text).toString('base64')}`

void t.test('credentials in a file that changes', (tap) => {
  const file = join(tap.testdir({}), 'tenants.yaml')
  writeFileSync(file, 'a:\n  bearer: [one, shared]\n  basic: { ann: secret }\nb:\n  bearer: [shared]\n')
  const clock = new StepClock()
  const lines: string[] = []
  const log = createLogger({ level: 'info', format: 'logfmt' }, (line) => lines.push(line))
  const credentials = new TenantCredentials(file, clock, log)
  const of = (header: string | undefined): string[] => [...credentials.tenantsOf(header)]
  tap.same(of('Bearer one'), ['a'])
  tap.same(of('bearer shared'), ['a', 'b'])
  tap.same(of(basic('ann:secret')), ['a'])
  for (const header of [
    undefined,
    '',
    'Bearer',
    'Bearer two',
    'Bearer ',
    basic('ann:no'),
    basic('one'),
    'Bearer ann:secret',
  ])
    tap.same(of(header), [], String(header))
  writeFileSync(file, 'a:\n  bearer: [renewed-token]\n')
  tap.same(of('Bearer one'), ['a'], 'looked at once a second')
  clock.advance(1000)
  tap.same(of('Bearer one'), [])
  tap.same(of('Bearer renewed-token'), ['a'])
  writeFileSync(file, 'a:\n  bearer: hidden-token\n')
  clock.advance(1000)
  tap.same(of('Bearer renewed-token'), ['a'], 'the old ones stay')
  tap.match(lines.join('\n'), /tenants\.yaml:2:11: expected a list of tokens/)
  tap.notMatch(lines.join('\n'), /token\b.*-token|hidden|renewed-/)
  for (const [text, message] of [
    ['a: { token: [x] }', /:1:13: expected "bearer" or "basic"/],
    ['../x: {}', /unsupported character '\/'/],
    ['a: [', /the YAML is malformed/],
    ['a: { bearer: [""] }', /expected a text that is not empty/],
  ] as const) {
    writeFileSync(file, text)
    tap.throws(() => new TenantCredentials(file, clock, SILENT), { code: 'BAD_CONFIG', message })
  }
  tap.throws(() => new TenantCredentials(`${file}.none`, clock, SILENT), { code: 'IO' })
  tap.end()
})

const push = (querier: MemoryQuerier, labels: Record<string, string>, times: readonly number[]): void =>
  querier.push({
    streams: [{ stream: labels, values: times.map((at) => [`${at}000000000`, `line ${at}`] as const) }],
  })

void t.test('several tenants in one query', async (tap) => {
  const a = new MemoryQuerier({ discover: false, batchSize: 1 })
  const b = new MemoryQuerier({ discover: false, batchSize: 2 })
  push(a, { app: 'x' }, [1, 3, 5])
  push(b, { app: 'x', __tenant_id__: 'own' }, [2, 3, 4])
  const querier = mergedQuerier(
    new Map([
      ['a', a],
      ['b', b],
    ]),
  )
  const lines = async (query: string, direction: 'forward' | 'backward' = 'forward'): Promise<string[]> => {
    const data = await queryRange(querier, parseExpression(query), {
      start: 0n,
      end: 10_000_000_000n,
      limit: 100,
      direction,
      interval: 0n,
      flags: [],
      step: 1_000_000_000n,
    })
    if (data.resultType !== 'streams') throw new Error(data.resultType)
    return data.result.flatMap(({ stream, values }) =>
      values.map(
        ([, line]) => `${stream['__tenant_id__']} ${stream['original___tenant_id__'] ?? '-'} ${line}`,
      ),
    )
  }
  tap.same(await lines('{app="x"}'), [
    'a - line 1',
    'a - line 3',
    'a - line 5',
    'b own line 2',
    'b own line 3',
    'b own line 4',
  ])
  tap.same(await lines('{app="x", __tenant_id__="b"}', 'backward'), [
    'b own line 4',
    'b own line 3',
    'b own line 2',
  ])
  tap.same(await lines('{app="x", __tenant_id__=~"c|d"}'), [])
  tap.same(await lines('{original___tenant_id__="own"}'), ['b own line 2', 'b own line 3', 'b own line 4'])
  const count = await queryInstant(
    querier,
    parseExpression('sum by (__tenant_id__) (count_over_time({app="x"}[1m]))'),
    10_000_000_000n,
  )
  tap.match(count.result, [
    { metric: { __tenant_id__: 'a' }, value: [10, '3'] },
    { metric: { __tenant_id__: 'b' }, value: [10, '3'] },
  ])
  const selection = {
    matchers: [],
    from: { seconds: 0, nanos: 0 },
    to: { seconds: 9, nanos: 0 },
    signal: undefined,
  }
  tap.same(
    (await querier.streams(selection)).map((stream) => stream.get('__tenant_id__')),
    ['a', 'b'],
  )
  tap.match(await querier.statistics(selection), [{ entries: 3 }, { entries: 3 }])
  const order: number[] = []
  for await (const batch of querier.entries({
    ...selection,
    direction: 'backward',
    filters: [],
    limit: undefined,
  }))
    order.push(...batch.map(({ seconds }) => seconds))
  tap.same(order, [5, 4, 3, 3, 2, 1])
})
