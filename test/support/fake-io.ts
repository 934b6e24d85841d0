/** The outside of a command as a test gives it: text for standard input, and what was written as text. */
import { Readable, Writable } from 'node:stream'
import type { Io } from '../../lib/cli/io.ts'

type Signal = 'SIGINT' | 'SIGTERM' | 'SIGHUP'

export interface FakeIo extends Io {
  /** All that was written so far. */
  readonly out: () => string
  readonly err: () => string
  /** Resolves when standard output holds a match. */
  readonly wrote: (text: RegExp) => Promise<void>
  /** As if the process had got the signal. Throws when no one listens: it would have ended the process. */
  readonly signal: (signal: Signal) => void
  /** Statuses that `exitNow` was called with. */
  readonly exits: readonly number[]
}

export function fakeIo(input = '', env: Io['env'] = {}): FakeIo {
  const stdout = collector()
  const stderr = collector()
  const listeners = new Set<(signal: Signal) => void>()
  const exits: number[] = []
  return {
    stdin: Readable.from(input === '' ? [] : [Buffer.from(input)]),
    stdout: stdout.stream,
    stderr: stderr.stream,
    env,
    onSignal: (listener) => {
      listeners.add(listener)
      return () => listeners.delete(listener)
    },
    exitNow: (code) => void exits.push(code),
    stackOf: ({ stack = '' }) => stack,
    out: stdout.text,
    err: stderr.text,
    wrote: stdout.wrote,
    signal: (signal) => {
      if (listeners.size === 0) throw new Error(`${signal} would have ended the process`)
      for (const listener of listeners) listener(signal)
    },
    exits,
  }
}

function collector(): { stream: Writable; text: () => string; wrote: (text: RegExp) => Promise<void> } {
  const chunks: Buffer[] = []
  const text = (): string => Buffer.concat(chunks).toString()
  const waiting = new Set<() => void>()
  const stream = new Writable({
    write: (chunk: Buffer, _encoding, done) => {
      chunks.push(chunk)
      for (const look of waiting) look()
      done()
    },
  })
  const wrote = (wanted: RegExp): Promise<void> =>
    new Promise((resolve) => {
      const look = (): void => {
        if (!wanted.test(text())) return
        waiting.delete(look)
        resolve()
      }
      waiting.add(look)
      look()
    })
  return { stream, text, wrote }
}
