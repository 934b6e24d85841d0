/** Where in a template something happened, for error messages. */
import { LogstreamError } from '../../errors.ts'

/** `line:column` of an offset, both from 1. */
export function lineColumn(source: string, at: number): string {
  const before = source.slice(0, at)
  const line = before.split('\n').length
  return `${line}:${at - before.lastIndexOf('\n')}`
}

/** BAD_TEMPLATE at an offset of the template. */
export function templateError(source: string, at: number, reason: string, cause?: unknown): LogstreamError {
  return new LogstreamError('BAD_TEMPLATE', `template ${lineColumn(source, at)}: ${reason}`, { cause })
}
