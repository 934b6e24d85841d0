/** Made-up logs for the workloads, the same in every run. Times begin on 1 January 2026, UTC. */
import { transactionSource } from '../lib/generate/transactions.ts'
import { seededRandom } from '../lib/generate/random.ts'

/** The lines of a log, one by one, without line ends; a line may hold some itself, which makes several of it. */
export type LineSource = (i: number) => string

const BEGIN = Date.UTC(2026, 0, 1)
const LEVELS = ['debug', 'info', 'info', 'info', 'warn', 'error'] as const
const METHODS = ['GET', 'GET', 'GET', 'POST', 'PUT'] as const
const PATHS = ['/', '/api/orders', '/api/orders/17/items', '/static/app.css', '/login', '/healthz'] as const
const STATUSES = [200, 200, 200, 204, 301, 404, 500] as const
const AGENTS = ['curl/8.5.0', 'Mozilla/5.0 (X11; Linux x86_64) Firefox/121.0', 'kube-probe/1.29'] as const
const MESSAGES = ['order settled', 'cache miss', 'retrying "upstream"', 'größer als erlaubt', 'done'] as const
const FRAMES = [
  'at com.example.pay.Transfer.execute(Transfer.java:118)',
  'at java.base/java.lang.Thread.run(Thread.java:833)',
]

type Random = () => number

function random(): { random: Random; pick: <T>(of: readonly T[]) => T } {
  const next = seededRandom(1)
  return { random: next, pick: (of) => of[Math.floor(next() * of.length)]! }
}

const isoAt = (i: number): string => new Date(BEGIN + i).toISOString()

/** The transactions of the examples, 3 % of them malformed. */
export function transactions(): LineSource {
  const next = transactionSource({ seed: 1, badShare: 0.03 })
  return (i) => next(BEGIN + i)
}

/** Nginx's combined format. */
export function nginx(): LineSource {
  const { random: next, pick } = random()
  return (i) => {
    const [date, time] = isoAt(i * 10).split(/[T.]/) as [string, string]
    const [year, , day] = date.split('-') as [string, string, string]
    const client = `203.0.113.${Math.floor(next() * 256)}`
    const request = `"${pick(METHODS)} ${pick(PATHS)} HTTP/1.1" ${pick(STATUSES)} ${Math.floor(next() * 20_000)}`
    return `${client} - - [${day}/Jan/${year}:${time} +0000] ${request} "-" "${pick(AGENTS)}"`
  }
}

export function json(): LineSource {
  const { random: next, pick } = random()
  return (i) =>
    JSON.stringify({
      time: isoAt(i),
      level: pick(LEVELS),
      msg: pick(MESSAGES),
      method: pick(METHODS),
      path: pick(PATHS),
      status: pick(STATUSES),
      duration: Math.round(next() * 1e6) / 1e3,
      user: { id: Math.floor(next() * 5000), roles: ['clerk'] },
    })
}

export function logfmt(): LineSource {
  const { random: next, pick } = random()
  return (i) =>
    `ts=${isoAt(i)} level=${pick(LEVELS)} component=ingester msg=${JSON.stringify(pick(MESSAGES))} ` +
    `method=${pick(METHODS)} status=${pick(STATUSES)} duration=${(next() * 100).toFixed(3)}ms`
}

/** Java's: four in ten entries are stack traces of eight lines. */
export function traces(): LineSource {
  const { random: next, pick } = random()
  return (i) => {
    const head = `${isoAt(i)} ${pick(LEVELS).toUpperCase()} [main] com.example.pay.Transfer - ${pick(MESSAGES)}`
    if (next() > 0.4) return head
    const frames = Array.from({ length: 6 }, () => `\t${pick(FRAMES)}`).join('\n')
    return `${head}\njava.lang.IllegalStateException: amount must not be null\n${frames}`
  }
}

/** Kubernetes' container logs; one in ten lines comes in two parts. */
export function cri(): LineSource {
  const { random: next, pick } = random()
  return (i) => {
    const prefix = `${isoAt(i).replace('Z', '000000Z')} ${next() < 0.1 ? 'stderr' : 'stdout'}`
    const text = `level=${pick(LEVELS)} msg=${JSON.stringify(pick(MESSAGES))} path=${pick(PATHS)}`
    return next() < 0.1 ? `${prefix} P ${text}\n${prefix} F  and more` : `${prefix} F ${text}`
  }
}

/** RFC 5424, as rsyslog forwards it. */
export function syslog(): LineSource {
  const { random: next, pick } = random()
  return (i) =>
    `<${8 * 16 + Math.floor(next() * 8)}>1 ${isoAt(i)} host${Math.floor(next() * 20)} app ${1000 + (i % 50)} ID47 - ` +
    `${pick(MESSAGES)} for ${pick(PATHS)}`
}

/** Lines of 10 kB. */
export function long(): LineSource {
  const { pick } = random()
  const filler = Array.from({ length: 400 }, () => pick(MESSAGES)).join(' ')
  return (i) => `${isoAt(i)} ${filler}`.padEnd(10_000, '.').slice(0, 10_000)
}

/** Lines of so many users in turn, which makes a stream of each. */
export function users(count: number): () => LineSource {
  return () => {
    const { pick } = random()
    return (i) =>
      `ts=${isoAt(i)} user=u${i % count} level=info msg=${JSON.stringify(pick(MESSAGES))} status=${pick(STATUSES)}`
  }
}
