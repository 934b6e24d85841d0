/** Kills a process that pushes into a store, and looks at what is there afterwards. */
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { readFile } from 'node:fs/promises'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'
import { openStore, select } from './store-harness.ts'

export const LINES_PER_PUSH = 20

/** What the process does all the time beside pushing, so that a kill meets any of its steps. */
export const ACTIVITIES = ['seal', 'compact', 'retention', 'delete', 'backup', 'export'] as const
export type Activity = (typeof ACTIVITIES)[number]

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
  /** The most memory that the process had, in bytes; 0 where the system doesn't say. */
  readonly peak: number
}

/**
 * One round: pushes numbered from `from` on, SIGKILL `ms` after the first was acknowledged, then a look. `before` are
 * pushes of earlier rounds.
 */
export async function killRound(
  folder: string,
  from: number,
  ms: number,
  before: readonly number[] = [],
  activity?: Activity,
): Promise<KillResult> {
  const { acknowledged, peak } = await pushUntilKilled(folder, from, ms, activity)
  const began = performance.now()
  const store = await openStore(folder)
  const openMs = performance.now() - began
  try {
    const { pushes, doubled } = countLines((await select(store)).map(({ line }) => line))
    return {
      acknowledged,
      openMs,
      missing: [...before, ...acknowledged].filter((number) => pushes.get(number) !== LINES_PER_PUSH),
      doubled,
      next: Math.max(from, ...pushes.keys()) + 100,
      peak,
    }
  } finally {
    await store.close()
  }
}

/** How many lines of each push there are, and how many of all lines are there twice. Other lines don't count. */
export function countLines(found: readonly string[]): { pushes: Map<number, number>; doubled: number } {
  const pushes = new Map<number, number>()
  const lines = new Set<string>()
  let doubled = 0
  for (const line of found) {
    if (lines.has(line)) doubled++
    lines.add(line)
    const number = /^push (\d+) /.exec(line)?.[1]
    if (number !== undefined) pushes.set(Number(number), (pushes.get(Number(number)) ?? 0) + 1)
  }
  return { pushes, doubled }
}

async function pushUntilKilled(
  folder: string,
  from: number,
  ms: number,
  activity: Activity | undefined,
): Promise<Pick<KillResult, 'acknowledged' | 'peak'>> {
  const script = fileURLToPath(new URL('store-writer.js', import.meta.url))
  const more = activity === undefined ? [] : [activity]
  const child = spawn(process.execPath, [script, folder, String(from), ...more], {
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  const acknowledged: number[] = []
  let peak = 0
  let timer: NodeJS.Timeout | undefined
  const end = async (): Promise<void> => {
    peak = await peakOf(child.pid!)
    child.kill('SIGKILL')
  }
  for await (const line of createInterface({ input: child.stdout })) {
    if (line === 'open') continue
    acknowledged.push(Number(line))
    timer ??= setTimeout(() => void end(), ms)
  }
  clearTimeout(timer)
  if (child.exitCode === null && child.signalCode === null) await once(child, 'exit')
  if (child.signalCode !== 'SIGKILL') throw new Error(`the writer ended by itself with ${child.exitCode}`)
  return { acknowledged, peak }
}

/** The most memory that a process has had, in bytes; 0 where the system doesn't say. */
export async function peakOf(pid: number): Promise<number> {
  const status = await readFile(`/proc/${pid}/status`, 'utf8').catch(() => '')
  return Number(/^VmHWM:\s+(\d+) kB$/m.exec(status)?.[1] ?? 0) * 1024
}
