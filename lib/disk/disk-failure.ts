/** What a disk refused, and what to do about it. */
import { reasonOf } from '../errors.ts'
import { codeOf } from './atomic.ts'

const ROOM = 'make room on that disk'
const ACCESS = 'let the user that logstream runs as write there'

const REMEDIES: Readonly<Record<string, string>> = {
  ENOSPC: ROOM,
  EDQUOT: ROOM,
  EACCES: ACCESS,
  EPERM: ACCESS,
  EROFS: 'it is mounted read-only: remount it, or name another --storage.path',
}

/** Whether a failure says nothing of a file: too many are open, or there is no memory. */
export function isShortage(error: unknown): boolean {
  return ['EMFILE', 'ENFILE', 'ENOMEM'].includes(codeOf(error))
}

/** Whether what is in a file may be read at another time. */
export function isPassing(error: unknown): boolean {
  return isShortage(error) || ['EACCES', 'EPERM'].includes(codeOf(error))
}

/** The system's reason, followed by the remedy where the code tells. */
export function diskFailure(error: unknown): string {
  const remedy = REMEDIES[codeOf(error)]
  return remedy === undefined ? reasonOf(error) : `${reasonOf(error)}; ${remedy}`
}
