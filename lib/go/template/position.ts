/** Where in a template something happened, for error messages. */
import { LogstreamError } from '../../errors.ts'

/** `line:column` of an offset, both from 1. */
export function lineColumn(source: string, at: number): string {
  const before = source.slice(0, at)
  const line = before.split('\n').length
  return `${line}:${at - before.lastIndexOf('\n')}`
}

/** BAD_TEMPLATE at an offset of the template, for what keeps it from being compiled. */
export function templateError(source: string, at: number, reason: string, cause?: unknown): LogstreamError {
  return new LogstreamError('BAD_TEMPLATE', `template ${lineColumn(source, at)}: ${reason}`, { cause })
}

/**
 * BAD_TEMPLATE for what failed while a template ran, in Go's words, since Loki shows them in `__error_details__`. The
 * column counts bytes from 0.
 */
export function executionError(
  name: string,
  source: string,
  { at, text, reason }: { readonly at: number; readonly text: string; readonly reason: string },
  cause: unknown,
): LogstreamError {
  const before = source.slice(0, at)
  const line = before.split('\n').length
  const column = Buffer.byteLength(before.slice(before.lastIndexOf('\n') + 1))
  const place = `${name}:${line}:${column}: executing ${JSON.stringify(name)} at <${text}>`
  return new LogstreamError('BAD_TEMPLATE', `template: ${place}: ${reason}`, { cause })
}
