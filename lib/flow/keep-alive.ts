/** Keeping the process running: the timers of a `Clock` don't, and neither does a promise someone waits for. */

/** Node's longest interval is 2^31 - 1 ms, about 25 days; it starts again by itself. */
const LONGEST_INTERVAL = 0x7fff_ffff

/** Keeps the process running until the returned function is called; calling that again does nothing. */
export function keepAlive(): () => void {
  const timer = setInterval(() => {}, LONGEST_INTERVAL)
  return () => clearInterval(timer)
}
