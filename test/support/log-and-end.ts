/** Runs `logging-program` against a Loki that is away, then once more with Loki there, and counts what has arrived. */
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { text } from 'node:stream/consumers'
import { fileURLToPath } from 'node:url'
import { startFakeLoki } from './fake-loki.ts'
import type { LoggingProgram } from './logging-program.ts'

const PROGRAM = fileURLToPath(new URL('./logging-program.js', import.meta.url))

/** How long a start may take to deliver what is there. */
const PATIENCE_MS = 30_000

export interface LogOutcome {
  /** Of the lines before the end. */
  readonly lost: number
  readonly twice: number
  readonly confirmed: number
}

export async function logAndEnd(
  given: Pick<LoggingProgram, 'library' | 'worker' | 'dataDir' | 'lines' | 'how'>,
): Promise<LogOutcome> {
  const loki = await startFakeLoki({ respond: () => 503 })
  try {
    const first = run({ ...given, url: loki.pushUrl })
    const said = await first.ended
    const times = new Map<number, number>()
    const all = new Promise<void>((resolve) => {
      setTimeout(resolve, PATIENCE_MS).unref()
      loki.respond(({ entries }) => {
        for (const { line } of entries) {
          const { i } = JSON.parse(line) as { i: number }
          if (i < given.lines) times.set(i, (times.get(i) ?? 0) + 1)
        }
        if (times.size === given.lines) resolve()
        return 204
      })
    })
    const second = run({ ...given, url: loki.pushUrl, how: 'drain' })
    await all
    second.end()
    await second.ended
    return {
      lost: given.lines - times.size,
      twice: [...times.values()].filter((each) => each > 1).length,
      confirmed: Number(/confirmed (\d+)/.exec(said)?.[1] ?? 0),
    }
  } finally {
    await loki.close()
  }
}

function run(program: LoggingProgram): { readonly end: () => void; readonly ended: Promise<string> } {
  const child = spawn(process.execPath, [PROGRAM, JSON.stringify(program)], {
    stdio: ['pipe', 'pipe', 'ignore'],
  })
  const ended = Promise.all([text(child.stdout), once(child, 'close')])
  return { end: () => child.stdin.end(), ended: ended.then(([said]) => said) }
}
