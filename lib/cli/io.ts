/** Everything a command touches outside itself; only bin/ passes the real things. */
import type { Readable, Writable } from 'node:stream'

/** What `--color` may say. */
export type ColourChoice = 'auto' | 'always' | 'never'

export interface Io {
  readonly stdin: Readable & { readonly isTTY?: boolean; readonly fd?: number; readonly bytesRead?: number }
  readonly stdout: Writable & { readonly isTTY?: boolean; readonly columns?: number; readonly rows?: number }
  readonly stderr: Writable & { readonly isTTY?: boolean; readonly columns?: number }
  readonly env: Readonly<Record<string, string | undefined>>
  /** What `--color` says; left out: auto. */
  readonly colour?: ColourChoice
  /** Calls `listener` for SIGINT, SIGTERM and SIGHUP until the returned function is called. */
  readonly onSignal: (listener: (signal: 'SIGINT' | 'SIGTERM' | 'SIGHUP') => void) => () => void
  /** Ends the process at once; for a second signal. */
  readonly exitNow: (code: number) => void
  /** The stack trace of an error in terms of our files, also where they are bundled. */
  readonly stackOf: (error: Error) => string
}

/** Exit statuses as promised in the README. */
export const EXIT = { ok: 0, usage: 1, undelivered: 3, lost: 4 } as const
