/** The one error class of this project, and the closed list of its codes. */

/** What went wrong, for programs. Every code stands in the error table of docs/errors.md. */
export type ErrorCode =
  | 'BAD_ARGUMENT'
  | 'BAD_CONFIG'
  | 'BAD_REGEX'
  | 'BAD_SELECTOR'
  | 'BAD_TEMPLATE'
  | 'BAD_INPUT'
  | 'BAD_USAGE'
  | 'IO'
  | 'LISTEN'
  | 'DELIVERY'
  | 'INTERNAL'

/**
 * An error with a code. The message names the value that was found, what was expected and what to do; the
 * original error, if there is one, is kept as `cause`.
 */
export class LogstreamError extends Error {
  readonly code: ErrorCode
  /** The option that was wrong, where one was: a config's message then points at it. */
  readonly option: string | undefined

  constructor(code: ErrorCode, message: string, details: { cause?: unknown; option?: string } = {}) {
    super(message, { cause: details.cause })
    this.name = 'LogstreamError'
    this.code = code
    this.option = details.option
  }
}

/** The message of anything that was thrown. */
export function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error)
}
