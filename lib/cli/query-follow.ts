/**
 * `logstream query --follow`: the newest lines, then those that come. It asks again and again in place of tailing, so
 * it works with everything that answers queries, and finds lines that come late.
 */
import { setTimeout as sleep } from 'node:timers/promises'
import {
  askRange,
  keyOf,
  type QueryPage,
  type QueryRange,
  type QueryRow,
  type QueryServer,
} from './query-client.ts'

export interface FollowOptions {
  /** Milliseconds between two questions. */
  readonly everyMs?: number
  /** Nanoseconds since 1970. */
  readonly now?: () => bigint
}

/** Lines may arrive this much after their own time and are still shown. */
const LATENESS = 10_000_000_000n

const systemNow = (): bigint => BigInt(Date.now()) * 1_000_000n

/** Pages of lines in the order of time, until the server's signal is aborted. Rejects with IO. */
export async function* followRange(
  server: QueryServer,
  range: QueryRange,
  { everyMs = 1000, now = systemNow }: FollowOptions = {},
): AsyncGenerator<QueryPage> {
  const seen = new Map<string, bigint>()
  const backlog: QueryRow[] = []
  let first: QueryPage | undefined
  for await (const page of askRange(server, { ...range, direction: 'backward' })) {
    first ??= page
    backlog.push(...page.rows)
  }
  if (first?.kind === 'numbers') {
    yield first
    return
  }
  // What was there before is old news, also where the limit has left it out.
  for await (const page of askRange(server, {
    ...range,
    start: range.end - LATENESS,
    limit: 0,
    direction: 'forward',
  }))
    for (const row of page.rows) seen.set(keyOf(row), row.time)
  if (first !== undefined) yield { ...first, rows: backlog.reverse() }
  let from = range.end
  while (!server.signal.aborted) {
    await sleep(everyMs, undefined, { signal: server.signal })
    const end = now() + 1n
    const start = from - LATENESS
    for await (const page of askRange(server, { ...range, start, end, limit: 0, direction: 'forward' })) {
      const rows = page.rows.filter((row) => !seen.has(keyOf(row)) && row.time >= start)
      for (const row of rows) seen.set(keyOf(row), row.time)
      if (rows.length > 0) yield { ...page, rows }
    }
    for (const [key, time] of seen) if (time < start) seen.delete(key)
    from = end
  }
}
