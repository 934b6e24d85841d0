/**
 * Our transports beside pino-loki and winston-loki: the same lines, the same Loki, the same ends. Ours must lose nothing; what
 * the others lose is printed, for the table in docs/loggers.md. bench/peers/loggers has the versions.
 */
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { readFileSync } from 'node:fs'
import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import { buffer, text } from 'node:stream/consumers'
import t from 'tap'
import { decodeLokiPush, mediaType } from '../../lib/loki/push-request.ts'
import { VERSION } from '../../lib/version.ts'
import { installed } from '../support/packed.ts'

const LINES = 2000
/** A program that runs longer than this is stuck. */
const PATIENCE_MS = 30_000
const MOST_BYTES = 2 ** 26

interface Contender {
  readonly transport: string
  readonly worker?: boolean
}

const CONTENDERS: readonly Contender[] = [
  { transport: 'logstream/pino', worker: true },
  { transport: 'logstream/pino', worker: false },
  { transport: 'logstream/winston', worker: true },
  { transport: 'logstream/winston', worker: false },
  { transport: 'pino-loki' },
  { transport: 'winston-loki' },
]

type End = 'return' | 'exit' | 'crash' | 'kill' | 'close' | 'stay'

interface Case {
  readonly title: string
  readonly end: End
  /** Loki refuses connections from the start: for so many milliseconds, or until the program has ended. */
  readonly awayMs?: number
}

const CASES: readonly Case[] = [
  { title: 'the program comes to its end', end: 'return' },
  { title: '`process.exit()`', end: 'exit' },
  { title: 'an uncaught exception', end: 'crash' },
  { title: '`kill -9` after `flush()`', end: 'kill' },
  { title: 'Loki away for 4 s', end: 'stay', awayMs: 4000 },
  { title: 'Loki away, program closed, both restarted', end: 'close', awayMs: Infinity },
  { title: 'Loki away, `kill -9` after `flush()`, both restarted', end: 'kill', awayMs: Infinity },
]

const project = installed(t, 'bench/peers/loggers')
const rows = CASES.map(({ title }) => [title])

for (const [i, each] of CASES.entries())
  void t.test(each.title, { timeout: 600_000 }, async (tap) => {
    for (const contender of CONTENDERS) {
      const dataDir = join(tap.testdir({}), 'logs')
      const { lost, confirmed, stuck } = await lostBy(contender, each, dataDir)
      const notes = [each.end === 'kill' && !confirmed && 'never confirmed', stuck && 'does not end']
      rows[i]!.push([String(lost), ...notes.filter((note) => note !== false)].join(', '))
      if (!contender.transport.startsWith('logstream')) continue
      tap.equal(lost, 0, nameOf(contender))
      tap.equal(confirmed, each.end === 'kill')
      tap.notOk(stuck)
    }
  })

t.teardown(() => {
  const { dependencies } = JSON.parse(readFileSync('bench/peers/loggers/package.json', 'utf8')) as {
    dependencies: Readonly<Record<string, string>>
  }
  const versions = Object.entries(dependencies).map(([name, version]) => `${name} ${version}`)
  t.comment(
    [
      `Lost of ${LINES} lines. logstream ${VERSION}, ${versions.join(', ')}, Node ${process.versions.node}`,
      ...[['', ...CONTENDERS.map(nameOf)], CONTENDERS.map(() => '---').concat('---'), ...rows].map(
        (row) => `| ${row.join(' | ')} |`,
      ),
    ].join('\n'),
  )
})

function nameOf({ transport, worker }: Contender): string {
  return worker === false ? `${transport}, no thread` : transport
}

interface Loss {
  readonly lost: number
  readonly confirmed: boolean
  readonly stuck: boolean
}

/** Counts the lines that Loki never got, even after a second start of the program. */
async function lostBy(contender: Contender, { end, awayMs = 0 }: Case, dataDir: string): Promise<Loss> {
  const seen = new Set<number>()
  const loki = createLoki(seen)
  const port = await listen(loki, 0)
  if (awayMs > 0) await close(loki)
  const returns = awayMs > 0 && awayMs < Infinity
  const back = returns ? setTimeout(() => void listen(loki, port), awayMs) : undefined
  const program = { ...contender, url: `http://127.0.0.1:${port}`, dataDir }
  try {
    const first = await run({ ...program, lines: LINES, end })
    clearTimeout(back)
    if (!loki.listening) await listen(loki, port)
    await run({ ...program, lines: 0, end: 'close' })
    return { ...first, lost: LINES - seen.size }
  } finally {
    await close(loki)
  }
}

/** Takes pushes as JSON and as protobuf. */
function createLoki(seen: Set<number>): Server {
  return createServer((request, response) => {
    void (async () => {
      const push = await decodeLokiPush(await buffer(request), mediaType(request.headers) ?? '', MOST_BYTES)
      if (push.ok)
        for (const { entries } of push.streams)
          for (const { line } of entries) seen.add((JSON.parse(line) as { i: number }).i)
      response.writeHead(push.ok ? 204 : 400).end(push.ok ? undefined : push.message)
    })()
  })
}

async function listen(server: Server, port: number): Promise<number> {
  server.listen(port, '127.0.0.1')
  await once(server, 'listening')
  return (server.address() as AddressInfo).port
}

async function close(server: Server): Promise<void> {
  server.closeAllConnections()
  await new Promise((resolve) => server.close(resolve))
}

type Program = Contender & {
  readonly url: string
  readonly dataDir: string
  readonly lines: number
  readonly end: End
}

async function run(program: Program): Promise<Omit<Loss, 'lost'>> {
  const child = spawn(process.execPath, ['program.js', JSON.stringify(program)], {
    cwd: project,
    stdio: ['ignore', 'pipe', 'ignore'],
  })
  let stuck = false
  const timer = setTimeout(() => {
    stuck = true
    child.kill('SIGKILL')
  }, PATIENCE_MS)
  const [said] = await Promise.all([text(child.stdout), once(child, 'close')])
  clearTimeout(timer)
  return { confirmed: said.includes('confirmed'), stuck }
}
