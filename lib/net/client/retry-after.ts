/** The header `Retry-After`: how long a server asks to be left alone. */

/**
 * Returns the milliseconds that a `Retry-After` header asks for, from `now` (Unix time in milliseconds) on. `undefined`
 * for none, or one that is neither seconds nor a date.
 */
// Retry-After = HTTP-date / delay-seconds (RFC 9110, section 10.2.3)
export function retryAfterMs(header: string | string[] | undefined, now: number): number | undefined {
  const text = (Array.isArray(header) ? header[0] : header)?.trim() ?? ''
  if (/^\d+$/.test(text)) return Number(text) * 1000
  // Date.parse also accepts much that isn't an HTTP date, such as "1.5".
  const date = /^[A-Z][a-z]{2}/.test(text) ? Date.parse(text) : Number.NaN
  return Number.isNaN(date) ? undefined : Math.max(0, date - now)
}
