/** A storage folder of an earlier version: this one opens it without losing or repeating anything. */
import { appendFile, copyFile, cp, readFile, stat, writeFile } from 'node:fs/promises'
import { createRequire } from 'node:module'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { gunzip } from 'node:zlib'
import t from 'tap'
import { startFakeLoki } from './support/fake-loki.ts'
import { startCommand } from './support/service.ts'
import { tempDir } from './support/write-harness.ts'

const FIXTURE = 'fixtures/storage-0.1.0'

async function prepare(folder: string): Promise<{ data: string; log: string }> {
  const data = join(folder, 'data')
  const log = join(folder, 'app.log')
  await cp(FIXTURE, data, { recursive: true })
  await copyFile(join(data, 'app.txt'), log)
  const { dev, ino } = await stat(log, { bigint: true })
  const positions = join(data, 'loki.source.file.app', 'positions.json')
  const text = (await readFile(positions, 'utf8'))
    .replace('@PATH@', log)
    .replace('@DEVICE@', String(dev))
    .replace('@INODE@', String(ino))
  await writeFile(positions, text)
  const database = join(data, 'loki.store.s', 'store', 'store.duckdb')
  await writeFile(database, await promisify(gunzip)(await readFile(`${database}.gz`)))
  return { data, log }
}

void t.test('positions, spool and dead letters of 0.1.0', async (tap) => {
  const { data, log } = await prepare(await tempDir(tap))
  const loki = await startFakeLoki()
  tap.teardown(() => loki.close())
  const config = join(data, 'c.alloy')
  await writeFile(
    config,
    `loki.source.file "app" {
  targets    = [{__path__ = "${log}", job = "file"}]
  forward_to = [loki.write.w.receiver]
}
loki.write "w" {
  endpoint {
    url        = "${loki.pushUrl}"
    batch_wait = "20ms"
    tenant_id  = "team"
  }
}
`,
  )
  const letters = join(data, 'loki.write.w', 'dead-letters', 'dead-letters-0.jsonl')
  const before = await readFile(letters, 'utf8')
  const service = startCommand(['run', '--server.http.listen-addr=', `--storage.path=${data}`, config])
  await service.said('msg=running')
  await appendFile(log, 'file line 10\n')
  await loki.waitFor(5)
  tap.equal(await service.end('SIGTERM'), 0)
  tap.same(
    loki.entries().map(({ tenant, line }) => `${tenant} ${line}`),
    [8, 9, 10, 11].map((i) => `team spooled line ${i}`).concat('team file line 10'),
    'what was not sent yet, and what is new, once',
  )
  tap.equal(await readFile(letters, 'utf8'), before)
})

void t.test('the store of 0.1.0', { skip: withoutDuckdb() }, async (tap) => {
  const { data } = await prepare(await tempDir(tap))
  const config = join(data, 'c.alloy')
  await writeFile(config, 'loki.store "s" {\n  http {\n    listen_port = 0\n  }\n}\n')
  const service = startCommand(['run', '--server.http.listen-addr=', `--storage.path=${data}`, config])
  await service.said('msg=running')
  const url = /the store is open.*url=(\S+)/.exec(service.stderr())?.[1]
  const at = 1_795_892_475
  const query = new URLSearchParams({
    query: '{job="file"}',
    start: `${at - 3600}`,
    end: `${at + 3600}`,
    direction: 'forward',
  })
  const answer = (await (await fetch(`${url}/loki/api/v1/query_range?${query.toString()}`)).json()) as {
    data: { result: { values: [string, string][] }[] }
  }
  tap.same(
    answer.data.result.flatMap(({ values }) => values.map(([, line]) => line)),
    Array.from({ length: 10 }, (_, i) => `file line ${i}`),
  )
  tap.equal(await service.end('SIGTERM'), 0)
})

function withoutDuckdb(): string | false {
  try {
    createRequire(import.meta.url).resolve('@duckdb/node-api')
    return false
  } catch {
    return '@duckdb/node-api is not installed'
  }
}
