/** Everything a command touches outside of itself; only bin/ hands in the real ones. */
import type { Readable, Writable } from 'node:stream'

export interface Io {
  readonly stdin: Readable & { readonly isTTY?: boolean }
  readonly stdout: Writable & { readonly isTTY?: boolean; readonly columns?: number; readonly rows?: number }
  readonly stderr: Writable & { readonly isTTY?: boolean }
  readonly env: Readonly<Record<string, string | undefined>>
  /** Calls back for SIGINT, SIGTERM and SIGHUP; the result takes it back. */
  readonly onSignal: (listener: (signal: 'SIGINT' | 'SIGTERM' | 'SIGHUP') => void) => () => void
  /** Ends the process at once; for a second signal. */
  readonly exitNow: (code: number) => void
}

/** Exit statuses, as the README promises them. */
export const EXIT = { ok: 0, usage: 1, undelivered: 3, lost: 4 } as const

/** A command of the command line; its name and summary are in main.ts. */
export interface Command {
  /** The whole text of `logstream NAME --help`. */
  readonly help: string
  /** Runs with the arguments behind the name; gives the exit status. Throws LogstreamError BAD_USAGE for bad ones. */
  readonly run: (args: readonly string[], io: Io) => Promise<number>
}
