/** `/-/support`: all that helps to find out what is wrong, as a ZIP archive that may be given to others. */
import { Session } from 'node:inspector/promises'
import { arch, cpus, platform, release, totalmem } from 'node:os'
import { basename } from 'node:path'
import { setTimeout as after } from 'node:timers/promises'
import { strToU8, zipSync } from 'fflate'
import { text, type Answer, type Request, type Route } from '../net/server/router.ts'
import type { Ledger } from '../flow/ledger.ts'
import type { Metrics } from '../telemetry/metrics.ts'
import type { RecentLines } from '../telemetry/recent-lines.ts'
import { VERSION } from '../version.ts'
import { redacted } from './hidden-parts.ts'
import { scrub, scrubbed } from './secrets.ts'
import { secretsOf, type Inspected } from './web-api.ts'

export interface SupportOptions {
  /** `false`: the route answers 403. */
  readonly enabled: boolean
  readonly inspected: Inspected
  readonly ledger: Ledger
  readonly metrics: Metrics
  readonly recent: RecentLines
  readonly env: Readonly<Record<string, string | undefined>>
}

/** Alloy's limit: the write timeout of its server. */
const LONGEST_SECONDS = 30

/** Shorter values of environment variables are hardly secrets, and would be found everywhere. */
const SHORTEST_ENV = 8

const README = `A support bundle of logstream.

version.json      this program and the machine
config/           the running config, without secrets, module arguments and comments
components.json   components, their health and status
ledger.json       where every line has gone
metrics.txt       /metrics (with ?duration=N: metrics-before.txt is from N seconds earlier)
log.txt           the newest of the own log lines
cpu.cpuprofile    with ?duration=N: a CPU profile of N seconds, for the developer tools of a browser

Secrets in the config, passwords in URLs and values of environment variables used by the
config were replaced with (secret). Look through it all the same before you send it.
`

/** One bundle at a time. `?duration=N` adds a CPU profile of N seconds. */
export function supportRoute(options: SupportOptions): Route {
  let busy = false
  return {
    methods: ['GET'],
    path: '/-/support',
    handle: async (request) => {
      if (!options.enabled) return text(403, 'support bundles are off: --server.http.disable-support-bundle')
      const seconds = secondsOf(request.query.get('duration'))
      if (seconds === undefined) return text(400, `duration takes whole seconds from 1 to ${LONGEST_SECONDS}`)
      if (busy) return text(429, 'a support bundle is being made: ask again when it is done')
      busy = true
      try {
        return await bundle(options, seconds, request)
      } finally {
        busy = false
      }
    },
  }
}

interface BundledFile {
  readonly name: string
  readonly data: string
}

function archiveOf(files: readonly BundledFile[]): Buffer {
  return Buffer.from(zipSync(Object.fromEntries(files.map(({ name, data }) => [name, strToU8(data)]))))
}

function secondsOf(duration: string | null): number | undefined {
  if (duration === null) return 0
  const seconds = /^\d{1,4}$/.test(duration) ? Number(duration) : 0
  return seconds >= 1 && seconds <= LONGEST_SECONDS ? seconds : undefined
}

async function bundle(options: SupportOptions, seconds: number, request: Request): Promise<Answer> {
  const { inspected, ledger, metrics, recent } = options
  const secrets = new Set([...secretsOf(inspected), ...environmentOf(options)])
  const profiled = seconds > 0 ? await profile(options, seconds, request) : []
  const files: BundledFile[] = [
    { name: 'README.txt', data: README },
    { name: 'version.json', data: pretty(thisProcess()) },
    ...inspected.texts.map(({ source }, i) => ({
      name: `config/${i + 1}-${basename(source.name)}`,
      data: scrub(redacted(source), secrets),
    })),
    { name: 'components.json', data: pretty(scrubbed(inspected.components(), secrets)) },
    {
      name: 'ledger.json',
      data: pretty({
        read: ledger.read,
        inFlight: ledger.inFlight,
        ended: ledger.rows(),
        notes: ledger.notes(),
      }),
    },
    { name: 'metrics.txt', data: scrub(await metrics.exposition(), secrets) },
    { name: 'log.txt', data: scrub(`${recent.all().join('\n')}\n`, secrets) },
    ...profiled,
  ]
  return {
    status: 200,
    type: 'application/zip',
    body: archiveOf(files),
    headers: { 'content-disposition': 'attachment; filename="logstream-support-bundle.zip"' },
  }
}

// It ends early when the client goes away.
async function profile(
  { inspected, metrics }: SupportOptions,
  seconds: number,
  { raw }: Request,
): Promise<readonly BundledFile[]> {
  const gone = new AbortController()
  raw.socket.once('close', () => gone.abort())
  const before = await metrics.exposition()
  const session = new Session()
  session.connect()
  try {
    await session.post('Profiler.enable')
    await session.post('Profiler.start')
    await after(seconds * 1000, undefined, { signal: gone.signal, ref: false }).catch(() => undefined)
    const { profile: found } = await session.post('Profiler.stop')
    return [
      { name: 'metrics-before.txt', data: scrub(before, secretsOf(inspected)) },
      { name: 'cpu.cpuprofile', data: JSON.stringify(found) },
    ]
  } finally {
    session.disconnect()
  }
}

function thisProcess(): unknown {
  return {
    version: VERSION,
    time: new Date().toISOString(),
    uptimeSeconds: Math.round(process.uptime()),
    node: process.versions,
    platform: platform(),
    release: release(),
    arch: arch(),
    cpus: cpus().length,
    memory: { total: totalmem(), ...process.memoryUsage() },
  }
}

// Names written as `sys.env("NAME")`. A computed name isn't known, but then its value isn't shown either.
function environmentOf({ inspected, env }: SupportOptions): string[] {
  const names = inspected.texts.flatMap(({ source }) =>
    [...source.text.matchAll(/\benv\(\s*["`]([^"`]+)["`]/g)].map(([, name]) => name!),
  )
  return names.map((name) => env[name] ?? '').filter((value) => value.length >= SHORTEST_ENV)
}

function pretty(value: unknown): string {
  return `${JSON.stringify(value, (_key, each: unknown) => (typeof each === 'bigint' ? String(each) : each), 2)}\n`
}
