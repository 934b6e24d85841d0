/** `loki.sink.s3` as a config runs it, against a stand-in for S3: what is in the bucket, and what faults come to. */
import { once } from 'node:events'
import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { DuckDBInstance } from '@duckdb/node-api'
import t, { type Test } from 'tap'
import { lokiSinkS3 } from '../../../../lib/components/loki.sink.s3/sink.ts'
import type { InputOf } from '../../../../lib/component/fields.ts'
import { Batch } from '../../../../lib/flow/batch.ts'
import { systemClock } from '../../../../lib/flow/clock.ts'
import { Entry } from '../../../../lib/flow/entry.ts'
import { labelSet } from '../../../../lib/flow/labels.ts'
import { ComponentBench } from '../../../support/component-run.ts'
import { ACCESS_KEY, SECRET_KEY, startFakeS3, type FakeS3 } from '../../../support/fake-s3.ts'
import { supervised } from '../../../support/supervised.ts'
import { selfSigned } from '../../../support/certificates.ts'
import { tempDir } from '../../../support/write-harness.ts'

/** 2026-01-02T03:04:05Z */
const SECONDS = 1_767_323_045

type Input = InputOf<typeof lokiSinkS3.fields>

const inputFor = ({ url }: FakeS3, more: Partial<Input> = {}): Input => ({
  bucket: 'logs',
  endpoint: url,
  access_key_id: ACCESS_KEY,
  secret_access_key: SECRET_KEY,
  min_backoff_period: '5ms',
  max_backoff_period: '20ms',
  max_age: '1h',
  ...more,
})

class Run extends ComponentBench {
  readonly sink

  constructor(input: Input, dataDir?: string, stepped = false) {
    super()
    this.sink = lokiSinkS3.create(this.options(lokiSinkS3, input), {
      ...this.context,
      clock: stepped ? this.clock : systemClock,
      dataDir,
    })
  }

  async write(
    ...entries: readonly [line: string, labels: Readonly<Record<string, string>>, seconds?: number][]
  ) {
    const made = this.entries(...entries.map(([line]) => line))
    const batch = made.map((entry, i) => {
      const [line, labels, seconds = SECONDS] = entries[i]!
      return new Entry(seconds, 6_000_001 + i, line, labelSet(labels), entry.ack)
    })
    await new Promise<void>((resolve) => this.sink.input!.write(new Batch(batch), () => resolve()))
  }

  async end(): Promise<void> {
    this.sink.input!.end()
    await once(this.sink.input!, 'finish')
    await this.sink.close?.()
  }
}

async function s3For(tap: Test): Promise<FakeS3> {
  const s3 = await startFakeS3()
  tap.teardown(() => s3.close())
  return s3
}

void t.test('an object for each stream, hour and tenant, as JSON lines', async (tap) => {
  const s3 = await s3For(tap)
  const run = new Run(inputFor(s3, { prefix: 'archive', external_labels: { site: 'a' } }))
  await run.write(
    ['größe "1"', { job: 'api' }],
    ['two', { job: 'api' }],
    ['later', { job: 'api' }, SECONDS + 3600],
    ['other', { job: 'web' }],
    ['theirs', { job: 'api', __tenant_id__: 'team/b' }],
  )
  await run.end()
  tap.same(run.account([]), { delivered: 5 })
  const names = [...s3.objects.keys()].sort()
  tap.equal(names.length, 4)
  const [stream, digits] = ['[0-9a-f]{16}', '[0-9a-f]{32}']
  for (const folder of [
    'date=2026-01-02/hour=03',
    'date=2026-01-02/hour=04',
    'tenant=team%2Fb/date=2026-01-02/hour=03',
  ])
    tap.match(
      names.join('\n'),
      new RegExp(`^archive/${folder}/${stream}-20260102T0[34]0405Z-${digits}\\.jsonl\\.gz$`, 'm'),
    )
  tap.same(
    s3.lines().find((line) => line.includes('größe')),
    String.raw`{"timestamp":"2026-01-02T03:04:05.006000001Z","labels":{"job":"api","site":"a"},"line":"größe \"1\""}`,
  )
  const both = [...s3.objects].filter(([key]) => key.includes('hour=04'))
  tap.equal(both.length, 1, 'an hour of its own')
})

void t.test('Parquet, which DuckDB reads with the types of the page', async (tap) => {
  const s3 = await s3For(tap)
  const folder = await tempDir(tap)
  const connection = await (await DuckDBInstance.create(':memory:')).connect()
  tap.teardown(() => connection.closeSync())
  for (const compression of ['gzip', 'none'] as const) {
    s3.objects.clear()
    const run = new Run(inputFor(s3, { format: 'parquet', compression, prefix: 'p' }))
    await run.write(
      ['größe "1"\0', { job: 'api', b: 'ü' }],
      ['', { job: 'api', b: 'ü' }],
      ['other', { job: 'web' }],
    )
    await run.end()
    tap.same(run.account([]), { delivered: 3 })
    tap.equal(s3.objects.size, 2)
    for (const [i, [key, body]] of [...s3.objects].entries()) {
      tap.match(key, /^p\/date=2026-01-02\/hour=03\/[0-9a-f]{16}-20260102T030405Z-[0-9a-f]{32}\.parquet$/)
      await writeFile(join(folder, `${i}.parquet`), body)
    }
    const read = async (sql: string) =>
      (await connection.runAndReadAll(sql.replace('FILES', `'${folder}/*.parquet'`))).getRowsJson()
    tap.same(
      await read(`SELECT epoch_ns(time), labels['job'], labels['b'], map_keys(metadata), line
        FROM FILES WHERE labels['job'] = 'api' ORDER BY line DESC`),
      [
        [`${SECONDS}006000000`, 'api', 'ü', [], 'größe "1"\0'],
        [`${SECONDS}006000000`, 'api', 'ü', [], ''],
      ],
    )
    tap.same(await read('SELECT DISTINCT typeof(time), typeof(labels), typeof(line) FROM FILES'), [
      ['TIMESTAMP WITH TIME ZONE', 'MAP(VARCHAR, VARCHAR)', 'VARCHAR'],
    ])
    tap.same(await read("SELECT count(*) FROM FILES WHERE labels['job'] = 'web'"), [['1']])
  }
})

void t.test('a repeated batch in Parquet overwrites', async (tap) => {
  const s3 = await s3For(tap)
  let failures = 0
  s3.fault = () => (failures++ < 3 ? { status: 503, code: 'SlowDown', stored: true } : undefined)
  const run = new Run(inputFor(s3, { format: 'parquet' }))
  await run.write(['a', { job: 'a' }], ['b', { job: 'b' }], ['far', { job: 'a' }, 1e15])
  await run.end()
  tap.same(run.account([]), { delivered: 3 })
  tap.equal(s3.objects.size, 3)
})

void t.test('times that no calendar has are archived too', async (tap) => {
  const s3 = await s3For(tap)
  const run = new Run(inputFor(s3))
  await run.write(['late', { job: 'a' }, 1e15], ['early', { job: 'a' }, -1e15], ['old', { job: 'a' }, -1])
  await run.end()
  tap.same(run.account([]), { delivered: 3 })
  tap.equal(s3.lines().length, 3)
})

void t.test('a batch that is sent again overwrites, and only what is missing is sent', async (tap) => {
  const s3 = await s3For(tap)
  let failures = 0
  // Stored, but answered with an error: what a proxy's timeout looks like.
  s3.fault = () => (failures++ < 3 ? { status: 503, code: 'SlowDown', stored: true } : undefined)
  const run = new Run(inputFor(s3))
  await run.write(['a', { job: 'a' }], ['b', { job: 'b' }], ['c', { job: 'c' }])
  await run.end()
  tap.same(run.account([]), { delivered: 3 })
  tap.equal(s3.objects.size, 3)
  tap.same(s3.lines().length, 3, 'nothing twice')
})

void t.test('an answer that is too slow is given up and comes again', async (tap) => {
  const s3 = await s3For(tap)
  let hangs = 1
  s3.fault = () => (hangs-- > 0 ? 'hang' : undefined)
  const run = new Run(inputFor(s3, { request_timeout: '50ms' }))
  await run.write(['a', { job: 'a' }])
  await run.end()
  tap.same(run.account([]), { delivered: 1 })
  tap.equal(s3.lines().length, 1)
})

void t.test(
  'what the bucket does not take waits in the spool and is sent by the next process',
  async (tap) => {
    const s3 = await s3For(tap)
    s3.fault = () => ({ status: 403, code: 'AccessDenied' })
    const dataDir = await tempDir(tap)
    const first = new Run(inputFor(s3), dataDir)
    await first.write(['a', { job: 'a' }], ['b', { job: 'b' }])
    await first.end()
    tap.same(first.account([]), { spooled: 2 })
    tap.equal(s3.objects.size, 0)
    s3.fault = undefined
    const next = new Run(inputFor(s3), dataDir)
    await next.sink.start?.()
    await next.end()
    tap.equal(s3.lines().length, 2)
    tap.equal(next.sink.kept?.(), 0)
  },
)

void t.test('entries that can not be read again wait ten seconds, not max_age', async (tap) => {
  const s3 = await s3For(tap)
  const run = new Run(inputFor(s3), undefined, true)
  await run.write(['a', { job: 'a' }])
  run.clock.advance(9999)
  tap.equal(run.clock.pending, 2)
  run.clock.advance(1)
  await s3.until(1)
  await run.end()
  tap.equal(s3.objects.size, 1)
})

void t.test('over TLS with a CA of its own', async (tap) => {
  const { cert, key } = selfSigned(await tempDir(tap), 'localhost')
  const s3 = await startFakeS3({ tls: { cert, key } })
  tap.teardown(() => s3.close())
  const run = new Run(inputFor(s3, { tls_config: { ca_pem: cert } }))
  await run.write(['a', { job: 'a' }])
  await run.end()
  tap.equal(s3.lines().length, 1)
})

void t.test('neither log nor status hold a secret', async (tap) => {
  const s3 = await s3For(tap)
  const run = new Run(
    inputFor(s3, { access_key_id: 'AKIAOTHER', max_backoff_retries: 1 }),
    await tempDir(tap),
  )
  await run.write(['a', { job: 'a' }])
  await run.end()
  const said = JSON.stringify([run.sink.status?.(), run.sink.health?.()])
  tap.match(said, /InvalidAccessKeyId/)
  tap.notMatch(said, SECRET_KEY)
})

void t.test('mistakes', async (tap) => {
  const good = 'bucket = "logs"\nregion = "eu-central-1"'
  for (const [text, message] of [
    ['bucket = "x"\nregion = "r"', /c:2:1 bucket: expected 3 to 63 letters/],
    ['bucket = "logs"\nregion = "a b"', /c:3:1 region: expected a name such as/],
    [`${good}\nprefix = "a//b"`, /c:4:1 prefix: expected names/],
    [`${good}\nprefix = "../b"`, /c:4:1 prefix: expected names/],
    [`${good}\nendpoint = "minio:9000"`, /c:4:1 endpoint: expected a URL/],
    [`${good}\nendpoint = "https://a:b@minio"`, /c:4:1 endpoint: expected a URL without credentials/],
    [`${good}\nendpoint = "https://minio/logs"`, /c:4:1 endpoint: expected a URL without a path/],
    [`${good}\naccess_key_id = "a"`, /c:4:1 access_key_id: it needs secret_access_key/],
    [`${good}\nsecret_access_key = "a"`, /c:4:1 secret_access_key: it needs access_key_id/],
    [`${good}\nmax_age = "0s"`, /c:4:1 max_age: expected a time/],
    [`${good}\ncompression = "rar"`, /compression: expected one of "gzip", "zstd", "none"/],
    [`${good}\nqueue_config { shards = 0 }`, /shards: expected at least 1/],
  ] as const)
    tap.match((await supervised(tap).check(`loki.sink.s3 "x" {\n${text}\n}`)).join('\n'), message, text)
  tap.same(await supervised(tap).check(`loki.sink.s3 "x" {\n${good}\nprefix = "logs/web/"\n}`), [])
})
