/** What is damaged, and what only can't be read at the moment. */
import { rename } from 'node:fs/promises'
import { LogstreamError, messageOf } from '../errors.ts'
import type { Logger } from '../telemetry/log.ts'

/** In the words of DuckDB and of Node. An allocation failure may come of a damaged length. */
const OF_THE_MACHINE =
  /^INTERRUPT|Out of Memory(?!.*Allocation failure)|(?:cannot allocate|not enough) memory|too many open files|no space left|quota exceeded|permission denied|read-only file system/i

/** Whether a failure says nothing of the file that was read: there was no memory for it, say. */
export function isOfTheMachine(error: unknown): boolean {
  return OF_THE_MACHINE.test(messageOf(error))
}

/** Whether a database can't be opened for what its log holds. */
export function isDamagedLog(error: unknown, file: string): boolean {
  // The folder may be called anything.
  return /\bWAL\b/i.test(messageOf(error).replaceAll(file, '')) && !isOfTheMachine(error)
}

/** The error for a file that can't be read. */
export function unreadable(file: string, cause: unknown): LogstreamError {
  const reason = messageOf(cause).split('\n', 1)[0]!.slice(0, 300)
  const message = isOfTheMachine(cause)
    ? `the store "${file}" can't be opened at the moment: ${reason}`
    : `the store "${file}" is damaged (${reason}): put a copy of it back, or move it away to begin with an empty store`
  return new LogstreamError('IO', message, { cause, option: 'path' })
}

/** The last entries may only be in the log, so this is an error in the program's log, and the file stays on disk. */
export async function setLogAside(file: string, cause: unknown, log: Logger): Promise<void> {
  const aside = `${file}.wal.damaged-${Date.now()}`
  await rename(`${file}.wal`, aside)
  log.error('the log of the store is damaged: it was set aside, and what was only in it is missing', {
    file: aside,
    error: messageOf(cause),
  })
}
