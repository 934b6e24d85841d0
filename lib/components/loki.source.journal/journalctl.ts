/** journalctl as a child process that follows the journal. */
import { spawn } from 'node:child_process'
import type { Readable } from 'node:stream'

export interface JournalQuery {
  /** Folder of journal files; '' for the system's own. */
  readonly path: string
  /** `FIELD=value`, and `+` for "or". */
  readonly matches: readonly string[]
  /**
   * The entry to begin with; where it was vacuumed away, the next one. Not `--after-cursor`, which leaves out one entry
   * in any case, and so loses the first one after a gap (systemd 252).
   */
  readonly from: string | undefined
  /** Without `from`: Unix seconds of the oldest entry wanted. */
  readonly since: number
}

export interface Journalctl {
  /** JSON, one entry a line. */
  readonly output: Readable
  /** Resolves when the process has ended, with why: the last line of its stderr, or its exit status. */
  readonly ended: Promise<string>
  kill(): void
}

/** Enough for the last message; warnings before it are of no interest. */
const STDERR_KEPT = 4096

export function startJournalctl(query: JournalQuery): Journalctl {
  const child = spawn('journalctl', argumentsFor(query), { stdio: ['ignore', 'pipe', 'pipe'] })
  let stderr = ''
  child.stderr.on('data', (chunk: Buffer) => {
    stderr = (stderr + chunk.toString('utf8')).slice(-STDERR_KEPT)
  })
  const ended = new Promise<string>((resolve) => {
    child.once('error', (error: NodeJS.ErrnoException) =>
      resolve(
        error.code === 'ENOENT'
          ? 'journalctl is not installed: install systemd, or run logstream where the journal is'
          : `journalctl cannot be started: ${error.message}`,
      ),
    )
    child.once('close', (status, signal) => {
      const last = stderr.trim().split('\n').at(-1)
      resolve(
        last === undefined || last === ''
          ? `journalctl ended with ${status ?? signal}`
          : `journalctl: ${last}`,
      )
    })
  })
  return { output: child.stdout, ended, kill: () => void child.kill('SIGTERM') }
}

function argumentsFor({ path, matches, from, since }: JournalQuery): string[] {
  return [
    '--output=json',
    // Long and binary fields too.
    '--all',
    '--follow',
    '--no-tail',
    '--no-pager',
    '--quiet',
    ...(path === '' ? [] : [`--directory=${path}`]),
    from === undefined ? `--since=@${since}` : `--cursor=${from}`,
    '--',
    ...matches,
  ]
}
