/** How far the logs of a container were read, across its restarts. */
import type { Cursor } from '../../disk/cursors.ts'
import { isSinceCursor, type SinceCursor } from '../../intake/since-position.ts'

/** One of the instances of a container. */
export type Run = {
  /** `containerd://…` */
  readonly container: string
  readonly restarts: number
}

export type PodCursor = SinceCursor & Run

/** The beginning of an instance's log, or a place in it in milliseconds of Unix time. */
export function startOf({ container, restarts }: Run, after = 0): PodCursor {
  return { since: String(Math.floor(after / 1000)), lines: 0, last: '0', container, restarts }
}

export function isPodCursor(stored: Cursor): stored is PodCursor {
  const { container, restarts } = (stored ?? {}) as Partial<Record<keyof PodCursor, Cursor>>
  return isSinceCursor(stored) && typeof container === 'string' && Number.isSafeInteger(restarts)
}
