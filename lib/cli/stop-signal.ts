/** Stopping at a signal. Loads nothing, so that a command can listen before it loads the rest. */
import type { Io } from './io.ts'

/** Resolves at the first SIGTERM or SIGINT; a second one ends the process at once. */
export async function stopSignal(io: Io, onHangup: () => void): Promise<void> {
  await new Promise<void>((resolve) => {
    let stopping = false
    io.onSignal((signal) => {
      if (signal === 'SIGHUP') return onHangup()
      if (stopping) return io.exitNow(signal === 'SIGINT' ? 130 : 143)
      stopping = true
      resolve()
    })
  })
}
