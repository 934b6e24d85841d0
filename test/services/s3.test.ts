/**
 * `loki.sink.s3` on a real server: logstream and the server are killed, requests fail, get no answer, or are carried out
 * and then answered with an error. No line is missing at the end.
 */
import { appendFileSync, writeFileSync } from 'node:fs'
import { createServer, request, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import t, { type Test } from 'tap'
import { ACCESS_KEY, SECRET_KEY } from '../support/fake-s3.ts'
import { noS3Server, startS3Server } from '../support/s3-server.ts'
import { startCommand } from '../support/service.ts'

const ROUNDS = 8
const LINES_A_ROUND = 400

/** What became of requests. */
interface Spoiled {
  passed: number
  refused: number
  /** Stored, without an answer. */
  unanswered: number
  /** Stored, and answered with an error. */
  late: number
}

/** Passes requests on to the server, and spoils some of them; resolves with its URL. */
async function spoiler(tap: Test, port: number): Promise<{ url: string; counts: Spoiled }> {
  const counts: Spoiled = { passed: 0, refused: 0, unanswered: 0, late: 0 }
  let count = 0
  const handle = (incoming: IncomingMessage, outgoing: ServerResponse): void => {
    count++
    incoming.on('error', () => {})
    if (count % 4 === 1) {
      counts.refused++
      outgoing.writeHead(503).end('<Error><Code>SlowDown</Code><Message>less</Message></Error>')
      return
    }
    const { method, url, headers } = incoming
    const onward = request({ port, host: '127.0.0.1', method, path: url, headers }, (answer) => {
      answer.resume()
      answer.on('end', () => {
        const stored = answer.statusCode === 200
        if (stored && count % 7 === 3) counts.unanswered++
        else if (stored && count % 5 === 2) {
          counts.late++
          outgoing.writeHead(500).end()
        } else {
          counts.passed++
          outgoing.writeHead(answer.statusCode!).end()
        }
      })
      answer.on('error', () => outgoing.destroy())
    })
    onward.on('error', () => outgoing.destroy())
    incoming.pipe(onward)
  }
  const server = createServer(handle)
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  tap.teardown(() => {
    server.closeAllConnections()
    server.close()
  })
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, counts }
}

void t.test(
  'kill -9 of logstream and of the server',
  { skip: noS3Server(), timeout: 600_000 },
  async (tap) => {
    const folder = tap.testdir({ bucket: {} })
    const s3 = await startS3Server(join(folder, 'bucket'))
    tap.teardown(() => s3.kill())
    const { url, counts } = await spoiler(tap, s3.port)
    const log = join(folder, 'app.log')
    const config = join(folder, 'config.alloy')
    writeFileSync(log, '')
    writeFileSync(
      config,
      `
loki.source.file "app" {
	targets    = [{__path__ = "${log}", job = "app"}]
	forward_to = [loki.sink.s3.archive.receiver]
}

loki.sink.s3 "archive" {
	endpoint            = "${url}"
	bucket              = "logs"
	access_key_id       = "${ACCESS_KEY}"
	secret_access_key   = "${SECRET_KEY}"
	batch_size          = "1KiB"
	max_age             = "100ms"
	request_timeout     = "300ms"
	min_backoff_period  = "10ms"
	max_backoff_period  = "50ms"
	max_backoff_retries = 3
}
`,
    )
    const args = ['run', config, '--server.http.listen-addr=', `--storage.path=${join(folder, 'data')}`]
    const written: string[] = []
    for (let round = 0; round < ROUNDS; round++) {
      const service = startCommand(args)
      await service.said('msg=running')
      if (round % 3 === 2) await s3.kill()
      for (let i = 0; i < LINES_A_ROUND; i++) {
        const line = `round ${round} line ${i} ${'x'.repeat(40)}`
        written.push(line)
        appendFileSync(log, `${line}\n`)
        if (i % 20 === 0) await sleep(20)
      }
      await sleep((round * 137) % 400)
      tap.equal(await service.end('SIGKILL'), 'SIGKILL', `round ${round + 1}`)
      if (round % 3 === 2) await s3.start()
    }
    const last = startCommand(args)
    tap.teardown(() => last.child.kill('SIGKILL'))
    const linesThere = (): string[] => s3.lines().map((line) => (JSON.parse(line) as { line: string }).line)
    const missing = (): string[] => {
      const there = new Set(linesThere())
      return written.filter((line) => !there.has(line))
    }
    for (let attempt = 0; attempt < 240 && missing().length > 0; attempt++) await sleep(500)
    tap.same(missing(), [], 'no line is missing')
    const extra = linesThere().length - written.length
    tap.comment(`${written.length} lines, ${extra} of them twice; requests: ${JSON.stringify(counts)}`)
    tap.ok(counts.refused > 0 && counts.unanswered > 0 && counts.late > 0, 'every fault happened')
    tap.equal(await last.end('SIGTERM'), 0)
  },
)
