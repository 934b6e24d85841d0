/**
 * The store beside others: the same lines are pushed to each, then each is asked the same queries in turns. Prints the
 * median milliseconds of a query, what each took to store the lines, and its memory.
 *
 *   node dist/bench/store-queries.js [--vs DIR] [--keep FOLDER] [--only WORDS]
 *
 * DIR is another built tree; a `loki` on the PATH takes part by itself. What was stored stays in FOLDER, and is asked again
 * the next time. WORDS are part of the names of the queries that are asked.
 *
 * LINES (2,000,000) lie in the 24 hours before 2026-01-06; one in ten is JSON. ROUNDS (5) is how often each is asked.
 */
import { spawn, spawnSync, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { existsSync } from 'node:fs'
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { parseArgs } from 'node:util'
import { transactionSource } from '../lib/generate/transactions.ts'

const LINES = Number(process.env['LINES'] ?? 2_000_000)
const ROUNDS = Number(process.env['ROUNDS'] ?? 5)
/** Seconds. */
const DAY = 86_400
const BEGIN = 1_767_571_200
const END = BEGIN + DAY
const PUSHED = 5000

interface Server {
  readonly name: string
  readonly url: string
  readonly folder: string
  readonly child: ChildProcess
  /** Whether the folder was filled by an earlier run. */
  readonly isFilled: boolean
}

const say = (text: string): void => void process.stdout.write(`${text}\n`)

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as { port: number }
  server.close()
  return port
}

async function start(
  name: string,
  command: readonly string[],
  folder: string,
  port: number,
): Promise<Server> {
  const isFilled = existsSync(folder)
  const child = spawn(command[0]!, command.slice(1), { stdio: 'ignore' })
  const url = `http://127.0.0.1:${port}`
  for (let tries = 0; tries < 300; tries++) {
    const isReady = await fetch(`${url}/ready`).then(
      ({ ok }) => ok,
      () => false,
    )
    if (isReady) return { name, url, folder, child, isFilled }
    await new Promise((resolve) => setTimeout(resolve, 200))
  }
  child.kill()
  throw new Error(`${name} isn't ready after a minute: ${command.join(' ')}`)
}

async function startTree(name: string, root: string, within: string): Promise<Server> {
  const port = await freePort()
  const folder = join(within, name)
  const flags = [`--path=${folder}`, `--listen=127.0.0.1:${port}`, '--server.http.listen-addr=']
  const script = join(root, 'dist', 'bin', 'logstream.js')
  return await start(name, [process.execPath, script, 'store', ...flags], folder, port)
}

async function startLoki(within: string): Promise<Server> {
  const port = await freePort()
  const folder = join(within, 'loki')
  const config = join(within, 'loki.yaml')
  // Without caches of results, so that each round does the work.
  await writeFile(
    config,
    `auth_enabled: false
server: { http_listen_address: 127.0.0.1, http_listen_port: ${port}, grpc_listen_port: ${await freePort()} }
common: { path_prefix: ${folder}, replication_factor: 1, ring: { kvstore: { store: inmemory } } }
schema_config: { configs: [{ from: 2024-01-01, store: tsdb, object_store: filesystem, schema: v13, index: { prefix: i_, period: 24h } }] }
storage_config: { filesystem: { directory: ${folder}/chunks } }
query_range: { cache_results: false }
limits_config: { reject_old_samples: false, ingestion_rate_mb: 1000, ingestion_burst_size_mb: 1000, per_stream_rate_limit: 1GB }
`,
  )
  return await start('loki', ['loki', `-config.file=${config}`], folder, port)
}

/** The bodies of the pushes, one after the other. */
function* pushes(): Generator<string> {
  const next = transactionSource({ seed: 2, badShare: 0.03 })
  const step = (DAY * 1e9) / LINES
  for (let i = 0; i < LINES;) {
    const streams = new Map<string, { stream: Record<string, string>; values: [string, string][] }>()
    for (const end = Math.min(i + PUSHED, LINES); i < end; i++) {
      const seconds = BEGIN + Math.floor((i * step) / 1e9)
      const nanos = Math.floor((i * step) % 1e9)
      const { labels, line } = entryOf(next(seconds * 1000 + Math.floor(nanos / 1e6)), i)
      const key = JSON.stringify(labels)
      let found = streams.get(key)
      if (found === undefined) streams.set(key, (found = { stream: labels, values: [] }))
      found.values.push([`${seconds}${String(nanos).padStart(9, '0')}`, line])
    }
    yield JSON.stringify({ streams: [...streams.values()] })
  }
}

function entryOf(line: string, i: number): { labels: Record<string, string>; line: string } {
  const [date, start, , latency, method, detail, status, code] = line.split('|')
  if (method === undefined || detail === undefined || status === undefined || code === undefined)
    return { labels: { job: 'template-job', parse_status: 'failed' }, line }
  if (i % 10 !== 0)
    return { labels: { job: 'template-job', parse_status: 'success', method, status, code }, line }
  const level = status === 'FAILED' ? 'error' : 'info'
  const fields = { ts: `${date}T${start}Z`, level, method, detail, status, code: Number(code) }
  return {
    labels: { job: 'json-job', method },
    line: JSON.stringify({ ...fields, latency: Number(latency) }),
  }
}

async function fill(server: Server): Promise<void> {
  for (const body of pushes())
    for (;;) {
      const headers = { 'content-type': 'application/json' }
      const response = await fetch(`${server.url}/loki/api/v1/push`, { method: 'POST', headers, body })
      const text = await response.text()
      if (response.ok) break
      if (response.status !== 429) throw new Error(`${server.name} answered ${response.status}: ${text}`)
      await new Promise((resolve) => setTimeout(resolve, 200))
    }
}

const range = (query: string, from: number, to: number, step: number, limit = 100): string =>
  `query_range?query=${encodeURIComponent(query)}&start=${from}&end=${to}&step=${step}&limit=${limit}`

const ALL = '{job="template-job"}'
const JSON_LINES = '{job="json-job"}'
const PATTERN = '| pattern "<date>|<start>|<end>|<latency>|<kind>|<detail>|<state>|<number>"'

/** By what they are called in the table. */
const QUERIES: Readonly<Record<string, string>> = {
  'last 100 lines': range(ALL, BEGIN, END, 60),
  'last 5,000 lines': range(ALL, BEGIN, END, 60, 5000),
  '100 lines of 15 m': range(ALL, END - 9000, END - 8100, 60),
  'count by two labels, 24 h': range(`sum by (method, status) (count_over_time(${ALL}[24h]))`, END, END, 60),
  'count per 5 m by status, 24 h': range(`sum by (status) (count_over_time(${ALL}[5m]))`, BEGIN, END, 300),
  'topk of rates, 24 h': range(`topk(3, sum by (method) (rate(${ALL}[5m])))`, BEGIN, END, 300),
  'absent needle': range(`${ALL} |= "zebra-77"`, BEGIN, END, 60),
  'lines with a phrase, counted': range(`sum(count_over_time(${ALL} |= "Insufficient"[24h]))`, END, END, 60),
  '(?i) regexp, counted': range(`sum(count_over_time(${ALL} |~ "(?i)TIME-?OUT"[24h]))`, END, END, 60),
  'json with a filter, counted': range(
    `sum(count_over_time(${JSON_LINES} | json | latency > 500 [24h]))`,
    END,
    END,
    60,
  ),
  'json by status, 1 h': range(
    `sum by (status) (count_over_time(${JSON_LINES} | json [5m]))`,
    END - 7200,
    END - 3600,
    60,
  ),
  'quantile of a json field, 24 h': range(
    `quantile_over_time(0.95, ${JSON_LINES} | json | unwrap latency [1h]) by (method)`,
    BEGIN,
    END,
    3600,
  ),
  'average of a pattern field, 1 h': range(
    `avg_over_time(${ALL} ${PATTERN} | unwrap latency [5m]) by (method)`,
    END - 7200,
    END - 3600,
    60,
  ),
  'quantile of a pattern field, 24 h': range(
    `quantile_over_time(0.95, ${ALL} ${PATTERN} | unwrap latency [1h]) by (method)`,
    BEGIN,
    END,
    3600,
  ),
  labels: `labels?start=${BEGIN}&end=${END}`,
  series: `series?match[]=${encodeURIComponent('{job=~".+"}')}&start=${BEGIN}&end=${END}`,
}

/** An answer, and the milliseconds it took. */
async function ask(
  { name, url }: Server,
  path: string,
): Promise<{ readonly took: number; readonly text: string }> {
  const began = performance.now()
  const response = await fetch(`${url}/loki/api/v1/${path}`)
  const text = await response.text()
  const took = performance.now() - began
  if (!response.ok) throw new Error(`${name} answered ${response.status} to ${path}: ${text.slice(0, 300)}`)
  return { took, text }
}

/** What an answer says, without its statistics. */
function meaning(text: string): string {
  const { data } = JSON.parse(text) as { data: { result?: unknown } }
  return JSON.stringify('result' in data ? data.result : data)
}

function median(values: readonly number[]): number {
  return values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)]!
}

/** Linux: CPU seconds, and MiB of memory at the most and now. */
async function usage({ child }: Server): Promise<{ cpu: number; peak: number; now: number }> {
  const stat = await readFile(`/proc/${child.pid}/stat`, 'latin1')
  const [user = 0, system = 0] = stat.slice(stat.lastIndexOf(')')).split(' ').slice(12, 14).map(Number)
  const status = await readFile(`/proc/${child.pid}/status`, 'latin1')
  const kib = (name: string): number => Number(new RegExp(`${name}:\\s+(\\d+)`).exec(status)?.[1])
  return { cpu: (user + system) / 100, peak: kib('VmHWM') / 1024, now: kib('VmRSS') / 1024 }
}

function diskBytes(folder: string): number {
  return Number(spawnSync('du', ['-sb', folder], { encoding: 'utf8' }).stdout.split('\t')[0])
}

function row(what: string, values: readonly (number | string)[]): void {
  say(`| ${[what, ...values].join(' | ')} |`)
}

const { values: options } = parseArgs({
  options: {
    vs: { type: 'string' },
    keep: { type: 'string' },
    only: { type: 'string', default: '' },
  },
})
const folder = options.keep ?? (await mkdtemp(join(tmpdir(), 'logstream-bench-')))
const servers: Server[] = []
try {
  servers.push(await startTree('this tree', fileURLToPath(new URL('../..', import.meta.url)), folder))
  if (options.vs !== undefined) servers.push(await startTree('the other tree', options.vs, folder))
  if (spawnSync('loki', ['-version']).status === 0) servers.push(await startLoki(folder))
  for (const server of servers) if (!server.isFilled) await fill(server)
  row(
    `${LINES} lines`,
    servers.map(({ name }) => name),
  )
  row(
    '---',
    servers.map(() => '---:'),
  )
  const stored = await Promise.all(servers.map(usage))
  row(
    'lines per CPU second',
    stored.map(({ cpu }) => Math.round(LINES / cpu)),
  )
  row(
    'peak memory of ingestion, MiB',
    stored.map(({ peak }) => Math.round(peak)),
  )
  // Seals what came in, or writes the chunks.
  for (const { url } of servers) await fetch(`${url}/flush`, { method: 'POST' }).then((each) => each.text())
  row(
    'bytes on disk a line',
    servers.map((each) => (diskBytes(each.folder) / LINES).toFixed(1)),
  )
  const different: string[] = []
  for (const [name, path] of Object.entries(QUERIES)) {
    if (!name.includes(options.only)) continue
    const times = servers.map((): number[] => [])
    const answers = new Set<string>()
    for (let round = 0; round < ROUNDS; round++)
      for (const [i, server] of servers.entries()) {
        const { took, text } = await ask(server, path)
        times[i]!.push(took)
        if (round === 0 && server.name !== 'loki') answers.add(meaning(text))
      }
    if (answers.size > 1) different.push(name)
    row(
      `${name}, ms`,
      times.map((each) => median(each).toFixed(1)),
    )
  }
  const together = await Promise.all(
    servers.map(async (server) => {
      const began = performance.now()
      await Promise.all(
        Object.values(QUERIES)
          .slice(0, 10)
          .map((path) => ask(server, path)),
      )
      return performance.now() - began
    }),
  )
  row(
    'the first ten at once, ms',
    together.map((each) => each.toFixed(0)),
  )
  const ended = await Promise.all(servers.map(usage))
  row(
    'peak memory with the queries, MiB',
    ended.map(({ peak }) => Math.round(peak)),
  )
  row(
    'memory at the end, MiB',
    ended.map(({ now }) => Math.round(now)),
  )
  for (const name of different) say(`\nThe answers to "${name}" differ.`)
  say(`\n${ROUNDS} rounds, ${new Date().toISOString().slice(0, 10)}, ${process.version}`)
} finally {
  for (const { child } of servers) {
    child.kill()
    if (child.exitCode === null) await once(child, 'exit')
  }
  if (options.keep === undefined) await rm(folder, { recursive: true, force: true })
}
