/** docs/s3.md: its config writes what the page says, and its query reads that. */
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { DuckDBInstance } from '@duckdb/node-api'
import t from 'tap'
import { ACCESS_KEY, SECRET_KEY, startFakeS3 } from '../support/fake-s3.ts'
import { startCommand } from '../support/service.ts'

const page = readFileSync('docs/s3.md', 'utf8')
const block = (language: string): string =>
  new RegExp(`^\`\`\`${language}\\n([^]*?)^\`\`\`$`, 'm').exec(page)![1]!

void t.test('the config of the page fills a bucket, and the query reads it', async (tap) => {
  const s3 = await startFakeS3()
  tap.teardown(() => s3.close())
  const folder = tap.testdir({ 'app.log': 'one\ntwo\nthree\n' })
  const file = join(folder, 'archive.alloy')
  const config = block('alloy')
    .replace('http://127.0.0.1:9000', s3.url)
    .replace('bucket ', 'max_age = "50ms"\n\tbucket ')
    .replace('"app.log"', JSON.stringify(join(folder, 'app.log')))
  writeFileSync(file, config)
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
  const form = (name: string): string => name.replace(/\d/g, '0').replace(/[0-9a-f]{16,}/g, 'HASH')
  tap.equal(form([...s3.objects.keys()][0]!), form(block('text').trim()), 'the name')
  const database = await DuckDBInstance.create(':memory:')
  const connection = await database.connect()
  const query = block('sql').replace('s3://logs', join(folder, 'logs'))
  const rows = (await connection.runAndReadAll(query)).getRowsJson()
  tap.same(rows, [['app', '3']])
  connection.closeSync()
  database.closeSync()
})
