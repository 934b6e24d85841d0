/** The one error class of this project, and the closed list of its codes. */

/** What went wrong, for programs. Every code is listed in docs/errors.md. */
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
 * An error with a code. The message says what was expected, what was found and what to do; the original
 * error, if any, is its `cause`.
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

/**
 * The message of an error whose path the caller names already: "no such file or directory" of
 * "ENOENT: no such file or directory, open 'app.alloy'".
 */
export function reasonOf(error: unknown): string {
  const message = messageOf(error)
  if (!(error instanceof Error) || !('syscall' in error)) return message
  if ('code' in error && error.code === 'EISDIR') return 'it is a folder'
  return /^E[A-Z0-9]+: (.+), \w+(?: '|$)/.exec(message)?.[1] ?? message
}
