/** Kills a process that pushes into a store, and looks at what is there afterwards. */
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'
import { openStore, select } from './store-harness.ts'

export const LINES_PER_PUSH = 20

export interface KillResult {
  /** Pushes that were acknowledged before the kill. */
  readonly acknowledged: readonly number[]
  /** Milliseconds that the next opening took. */
  readonly openMs: number
  /** Acknowledged pushes of which a line is missing, of this round and those before. */
  readonly missing: readonly number[]
  /** Lines that are stored more than once. */
  readonly doubled: number
  /** Where the next round may begin to count. */
  readonly next: number
}

/**
 * One round: pushes numbered from `from` on, SIGKILL `ms` after the first was acknowledged, then a look. `before` are
 * pushes of earlier rounds; `sealing` says whether the process seals and compacts all the time.
 */
export async function killRound(
  folder: string,
  from: number,
  ms: number,
  before: readonly number[] = [],
  sealing = false,
): Promise<KillResult> {
  const acknowledged = await pushUntilKilled(folder, from, ms, sealing)
  const began = performance.now()
  const store = await openStore(folder)
  const openMs = performance.now() - began
  try {
    const stored = new Map<number, number>()
    const lines = new Set<string>()
    let doubled = 0
    for (const { line } of await select(store)) {
      if (lines.has(line)) doubled++
      lines.add(line)
      const number = Number(line.split(' ', 2)[1])
      stored.set(number, (stored.get(number) ?? 0) + 1)
    }
    return {
      acknowledged,
      openMs,
      missing: [...before, ...acknowledged].filter((number) => stored.get(number) !== LINES_PER_PUSH),
      doubled,
      next: Math.max(from, ...stored.keys()) + 100,
    }
  } finally {
    await store.close()
  }
}

async function pushUntilKilled(
  folder: string,
  from: number,
  ms: number,
  sealing: boolean,
): Promise<number[]> {
  const script = fileURLToPath(new URL('store-writer.js', import.meta.url))
  const child = spawn(process.execPath, [script, folder, String(from), ...(sealing ? ['seal'] : [])], {
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  const acknowledged: number[] = []
  let timer: NodeJS.Timeout | undefined
  for await (const line of createInterface({ input: child.stdout })) {
    if (line === 'open') continue
    acknowledged.push(Number(line))
    timer ??= setTimeout(() => child.kill('SIGKILL'), ms)
  }
  clearTimeout(timer)
  if (child.exitCode === null && child.signalCode === null) await once(child, 'exit')
  if (child.signalCode !== 'SIGKILL') throw new Error(`the writer ended by itself with ${child.exitCode}`)
  return acknowledged
}
