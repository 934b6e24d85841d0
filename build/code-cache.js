/**
 * Runs the bundled command over a small job, so that V8 compiles what most starts need, and keeps the code. Arguments:
 * the script, the folder for the code cache, and the job: `run` for all commands, `store` for that one. The process is only for
 * this; code-caches.js bundles and starts it.
 */
import { once } from 'node:events'
import { createReadStream, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:http'
import { createRequire } from 'node:module'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import { pathToFileURL } from 'node:url'
import { cachedDataVersionTag, setFlagsFromString } from 'node:v8'
import { Script } from 'node:vm'
import { setV8Flags } from '../lib/cli/v8-flags.ts'

const [, , filename, to, job] = process.argv
const LINES = 3000

setV8Flags()
// Code that hasn't run for a while would be thrown away.
setFlagsFromString('--no-flush-bytecode')

const folder = mkdtempSync(join(tmpdir(), 'logstream-build-'))
let said = ''
process.stderr.write = (text) => Boolean((said += text))

const script = new Script(readFileSync(filename, 'latin1'), { filename })
const dist = new URL('../', pathToFileURL(filename)).href
const { runProcess } = script.runInThisContext()(createRequire(filename), dist, (name) => import(name))
await (job === 'store' ? storeJob() : runJob())

setFlagsFromString('--flush-bytecode')
// On a busy machine lib/cli/heap-bounds.ts has changed some.
setV8Flags()
const tag = `${process.versions.node}-${process.arch}-${cachedDataVersionTag()}`
writeFileSync(join(to, job === 'store' ? `${tag}-store.cache` : `${tag}.cache`), script.createCachedData())
rmSync(folder, { recursive: true, force: true })

/** From standard input and from a file to a Loki. */
async function runJob() {
  let pushed = () => {}
  const server = createServer((request, response) => {
    request.resume().on('end', () => {
      response.writeHead(204).end()
      pushed()
    })
  }).listen(0, '127.0.0.1')
  await once(server, 'listening')
  const input = join(folder, 'input.log')
  const config = join(folder, 'config.alloy')
  writeFileSync(input, lines())
  writeFileSync(config, alloy(input, server.address().port))
  Object.defineProperty(process, 'stdin', { value: createReadStream(input) })
  await run('pipe', '-c', config)
  const arrived = new Promise((resolve) => (pushed = resolve))
  const service = run('run', config, '--server.http.listen-addr=127.0.0.1:0')
  await arrived
  process.kill(process.pid, 'SIGTERM')
  await service
  server.close()
}

/** A push, and the queries that Grafana and people begin with: their first answers take half the time then. */
async function storeJob() {
  const flags = ['--listen=127.0.0.1:0', '--server.http.listen-addr=']
  const service = run('store', `--path=${join(folder, 'store')}`, ...flags)
  while (!/ url=\S+/.test(said)) await delay(10)
  const api = `${/ url=(\S+)/.exec(said)[1]}/loki/api/v1`
  const now = Date.now()
  const line = (i) =>
    JSON.stringify({ level: i % 3 ? 'info' : 'error', status: 200 + (i % 4), latency: i % 700 })
  const values = Array.from({ length: LINES }, (_, i) => [`${now - i * 1000}000000`, line(i)])
  const headers = { 'content-type': 'application/json' }
  const body = JSON.stringify({ streams: [{ stream: { job: 'build' }, values }] })
  await ask(`${api}/push`, { method: 'POST', headers, body })
  await askAll(api, now)
  // Sealed files are read in other ways.
  await ask(new URL('/flush', api), { method: 'POST' })
  await askAll(api, now)
  process.kill(process.pid, 'SIGTERM')
  await service
}

async function askAll(api, now) {
  for (const path of ['labels', 'label/job/values', 'series?match[]={job="build"}'])
    await ask(`${api}/${path}`)
  for (const query of [
    '{job="build"}',
    '{job="build"} |= "error"',
    'sum by (detected_level) (count_over_time({job="build"} [5m]))',
    'sum by (status) (count_over_time({job="build"} | json [5m]))',
    'sum(count_over_time({job="build"} | json | latency > 500 [5m]))',
    'quantile_over_time(0.95, {job="build"} | json | unwrap latency [5m]) by (status)',
  ])
    await ask(
      `${api}/query_range?${new URLSearchParams({ query, step: '60', start: now / 1000 - 3600, end: now / 1000 })}`,
    )
}

async function ask(url, options) {
  const response = await fetch(url, options)
  const text = await response.text()
  if (!response.ok) throw new Error(`${url}: ${response.status} ${text}`)
}

async function run(...args) {
  const storage = args[0] === 'store' ? [] : [`--storage.path=${join(folder, args[0])}`]
  process.argv = [process.execPath, filename, ...args, ...storage]
  await runProcess()
  if (process.exitCode !== 0) throw new Error(`${args.join(' ')} ended with ${process.exitCode}`)
}

function lines() {
  const line = (i) =>
    i % 30 === 0
      ? 'not a transaction\n'
      : `2026-01-01|10:00:00.${100 + (i % 900)}|10:00:01|${i % 700}|Transfer|done well|SUCCESS|${200 + (i % 5)}\n`
  return Array.from({ length: LINES }, (_, i) => line(i)).join('')
}

function alloy(input, port) {
  return String.raw`
loki.source.file "in" {
  targets    = [{__path__ = "${input}", job = "build"}]
  forward_to = [loki.process.all.receiver]
}

loki.process "all" {
  forward_to = [loki.write.out.receiver]
  stage.static_labels { values = {parse_status = "failed"} }
  stage.regex {
    expression = "^(?P<date>\\S+)\\|(?P<time_start>\\S+)\\|(?P<time_end>\\S+)\\|(?P<latency>\\d+)\\|(?P<method>\\S+)\\|(?P<detail>[^|]+)\\|(?P<status>\\S+)\\|(?P<code>\\d+)$"
  }
  stage.labels { values = {method = "", status = "", code = ""} }
  stage.match {
    selector = "{method=~\".+\"}"
    stage.static_labels { values = {parse_status = "success"} }
    stage.metrics {
      metric.histogram {
        name    = "latency_ms"
        source  = "latency"
        buckets = [100, 500]
      }
      metric.counter {
        name   = "success_total"
        source = "status"
        value  = "SUCCESS"
        action = "inc"
      }
    }
  }
}

loki.write "out" {
  endpoint {
    url        = "http://127.0.0.1:${port}/loki/api/v1/push"
    batch_wait = "100ms"
  }
}
`
}
