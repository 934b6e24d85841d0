/** Signals that come before a command listens for them: loading what a service needs takes some 300 ms. */
import type { Io } from './io.ts'

type Listener = Parameters<Io['onSignal']>[0]

/** Listens at once. The first listener gets what has come by then. */
export function withEarlySignals(io: Io): Io {
  const early: Parameters<Listener>[0][] = []
  const end = io.onSignal((signal) => early.push(signal))
  return {
    ...io,
    onSignal: (listener) => {
      const off = io.onSignal(listener)
      end()
      for (const signal of early.splice(0)) listener(signal)
      return off
    },
  }
}
