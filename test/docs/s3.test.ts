/** docs/s3.md: its config writes what the page says, and its queries read that, in both formats. */
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { DuckDBInstance } from '@duckdb/node-api'
import t from 'tap'
import { ACCESS_KEY, SECRET_KEY, startFakeS3 } from '../support/fake-s3.ts'
import { startCommand } from '../support/service.ts'

const page = readFileSync('docs/s3.md', 'utf8')
const blocks = (language: string): string[] =>
  [...page.matchAll(new RegExp(`^\`\`\`${language}\\n([^]*?)^\`\`\`$`, 'gm'))].map(([, text]) => text!)
const [config, name] = [blocks('alloy')[0]!, blocks('text')[0]!.trim()]

// Both sinks in one config: starting a process is what takes time.
void t.test('the config of the page fills a bucket, and the queries read it', async (tap) => {
  const s3 = await startFakeS3()
  tap.teardown(() => s3.close())
  const folder = tap.testdir({ 'app.log': 'one\ntwo\nthree\n' })
  const file = join(folder, 'archive.alloy')
  const json = config
    .replace('http://127.0.0.1:9000', s3.url)
    .replace('bucket ', 'max_age = "50ms"\n\tbucket ')
    .replace('"app.log"', JSON.stringify(join(folder, 'app.log')))
    .replace('receiver]', 'receiver, loki.sink.s3.parquet.receiver]')
  const sink = json.slice(json.indexOf('loki.sink.s3 "archive"'))
  writeFileSync(
    file,
    `${json}\n${sink.replace('"archive"', '"parquet"').replace('{', '{\n\tformat = "parquet"')}`,
  )
  const service = startCommand(
    ['run', file, '--server.http.listen-addr=', `--storage.path=${folder}/state`],
    { ARCHIVE_KEY: ACCESS_KEY, ARCHIVE_SECRET: SECRET_KEY },
  )
  tap.teardown(() => service.child.kill('SIGKILL'))
  await s3.until(3)
  tap.equal(await service.end('SIGTERM'), 0)
  for (const [key, body] of s3.objects) {
    const path = join(folder, 'logs', key)
    mkdirSync(dirname(path), { recursive: true })
    writeFileSync(path, body)
  }
  const form = (key: string): string => key.replace(/\d/g, '0').replace(/[0-9a-f]{16,}/g, 'HASH')
  tap.same(
    [...new Set([...s3.objects.keys()].map(form))].sort(),
    [form(name), form(name).replace('.jsonl.gz', '.parquet')],
    'the names',
  )
  const database = await DuckDBInstance.create(':memory:')
  const connection = await database.connect()
  const queries = blocks('sql')
  tap.equal(queries.length, 2)
  for (const query of queries) {
    const local = query.replace('s3://logs', join(folder, 'logs'))
    tap.same((await connection.runAndReadAll(local)).getRowsJson(), [['app', '3']])
  }
  connection.closeSync()
  database.closeSync()
})
