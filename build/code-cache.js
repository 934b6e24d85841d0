/**
 * Runs the bundled command over a small job, so that V8 compiles what most starts need, and keeps the code. Arguments:
 * the script, and the folder for the code cache. The process is only for this; command.js bundles it and runs it.
 */
import { once } from 'node:events'
import { createReadStream, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:http'
import { createRequire } from 'node:module'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { cachedDataVersionTag, setFlagsFromString } from 'node:v8'
import { Script } from 'node:vm'
import { setV8Flags } from '../lib/cli/v8-flags.ts'

const [, , filename, to] = process.argv
const LINES = 3000

setV8Flags()
// Code that hasn't run for a while would be thrown away.
setFlagsFromString('--no-flush-bytecode')

let pushed = () => {}
const server = createServer((request, response) => {
  request.resume().on('end', () => {
    response.writeHead(204).end()
    pushed()
  })
}).listen(0, '127.0.0.1')
await once(server, 'listening')

const folder = mkdtempSync(join(tmpdir(), 'logstream-build-'))
const input = join(folder, 'input.log')
const config = join(folder, 'config.alloy')
writeFileSync(input, lines())
writeFileSync(config, alloy(input, server.address().port))
Object.defineProperty(process, 'stdin', { value: createReadStream(input) })
process.stderr.write = () => true

const script = new Script(readFileSync(filename, 'latin1'), { filename })
const dist = new URL('../', pathToFileURL(filename)).href
const { runProcess } = script.runInThisContext()(createRequire(filename), dist, (name) => import(name))
await run('pipe', '-c', config)
const arrived = new Promise((resolve) => (pushed = resolve))
const service = run('run', config, '--server.http.listen-addr=127.0.0.1:0')
await arrived
process.kill(process.pid, 'SIGTERM')
await service
server.close()

setFlagsFromString('--flush-bytecode')
// On a busy machine lib/cli/heap-bounds.ts has changed some.
setV8Flags()
const tag = `${process.versions.node}-${process.arch}-${cachedDataVersionTag()}`
writeFileSync(join(to, `${tag}.cache`), script.createCachedData())
rmSync(folder, { recursive: true, force: true })

async function run(...args) {
  process.argv = [process.execPath, filename, ...args, `--storage.path=${join(folder, args[0])}`]
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
