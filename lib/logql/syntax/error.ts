/** The errors of LogQL queries: where in the text, and which HTTP status Loki answers them with. */
import { LogstreamError } from '../../errors.ts'

/** A query that cannot be read or run. The message says what was expected, what was found and what to do. */
export class LogqlError extends LogstreamError {
  /** Where in the query, in UTF-16 units; undefined where no place is to blame. */
  readonly offset: number | undefined
  /** 400 for a bad query or a limit, 500 for the few mistakes that Loki takes for its own. */
  readonly status: 400 | 500

  constructor(message: string, details: { offset?: number; status?: 400 | 500; cause?: unknown } = {}) {
    super('BAD_INPUT', message, { cause: details.cause })
    this.name = 'LogqlError'
    this.offset = details.offset
    this.status = details.status ?? 400
  }
}

/**
 * Loki's text for a parse error, `parse error at line 1, col 5: ...`; columns count from 1. Without an offset it is
 * `parse error : ...`.
 */
export function parseErrorText(query: string, error: LogqlError): string {
  if (error.offset === undefined) return `parse error : ${error.message}`
  const before = query.slice(0, error.offset)
  const line = before.split('\n').length
  const column = error.offset - (before.lastIndexOf('\n') + 1) + 1
  return `parse error at line ${line}, col ${column}: ${error.message}`
}
