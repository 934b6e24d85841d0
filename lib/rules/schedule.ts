/** When a group is evaluated: every interval, at a time within it that its name decides, so that groups don't all run at once. */
import { createHash } from 'node:crypto'

/** How far into the interval a group is evaluated, in milliseconds. It's the same after a restart. */
export function offsetOf(namespace: string, group: string, intervalMs: number): number {
  const hash = createHash('sha256').update(`${namespace}\0${group}`).digest()
  return hash.readUIntBE(0, 6) % intervalMs
}

/** The latest time of an evaluation that isn't after `now`. */
export function slotBefore(now: number, intervalMs: number, offset: number): number {
  return now - ((((now - offset) % intervalMs) + intervalMs) % intervalMs)
}
