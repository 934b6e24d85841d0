/** Everything a command touches outside itself; only bin/ passes the real things. */
import type { Readable, Writable } from 'node:stream'

export interface Io {
  readonly stdin: Readable & { readonly isTTY?: boolean }
  readonly stdout: Writable & { readonly isTTY?: boolean; readonly columns?: number; readonly rows?: number }
  readonly stderr: Writable & { readonly isTTY?: boolean }
  readonly env: Readonly<Record<string, string | undefined>>
  /** Calls `listener` for SIGINT, SIGTERM and SIGHUP until the returned function is called. */
  readonly onSignal: (listener: (signal: 'SIGINT' | 'SIGTERM' | 'SIGHUP') => void) => () => void
  /** Ends the process at once; for a second signal. */
  readonly exitNow: (code: number) => void
  /** The stack trace of an error in terms of our files, also where they are bundled. */
  readonly stackOf: (error: Error) => string
}

/** Exit statuses as promised in the README. */
export const EXIT = { ok: 0, usage: 1, undelivered: 3, lost: 4 } as const

/** A command of the command line; its name and summary are in main.ts. */
export interface Command {
  /** The whole text of `logstream NAME --help`. */
  readonly help: string
  /** Runs with the arguments that follow the name. Resolves with the exit status; throws BAD_USAGE for bad arguments. */
  readonly run: (args: readonly string[], io: Io) => Promise<number>
}
