/** Checks the headers of an HTTP client when it is built, since a bad one would fail every request. */
import { LogstreamError } from '../../errors.ts'
import type { Secret } from '../../alloy/value.ts'

// RFC 9110 sections 5.1 and 5.5.
const HEADER_NAME = /^[!#$%&'*+\-.^_`|~0-9A-Za-z]+$/
const HEADER_VALUE = /^[\t\x20-\x7e\x80-\xff]*$/

export interface HeaderOptions {
  readonly headers: ReadonlyMap<string, string>
  /** Headers with secret values. */
  readonly http_headers: ReadonlyMap<string, readonly Secret[]>
}

/** Throws BAD_CONFIG, without repeating a value, for a header that can't be sent. */
export function checkHeaders({ headers, http_headers: secret }: HeaderOptions): void {
  const all: [string, string][] = [...headers]
  for (const [name, values] of secret) for (const { text: value } of values) all.push([name, value])
  for (const [name, value] of all) {
    if (!HEADER_NAME.test(name))
      throw new LogstreamError('BAD_CONFIG', `headers: "${name}" cannot be the name of a header`, {
        option: 'headers',
      })
    if (!HEADER_VALUE.test(value))
      throw new LogstreamError(
        'BAD_CONFIG',
        `headers: the value of "${name}" has characters that aren't allowed in a header`,
        {
          option: 'headers',
        },
      )
  }
}

/** Returns all headers by their lower-case name; secret ones win. */
export function headersOf({
  headers,
  http_headers: secret,
}: HeaderOptions): Record<string, string | string[]> {
  const all: Record<string, string | string[]> = {}
  for (const [name, value] of headers) all[name.toLowerCase()] = value
  for (const [name, values] of secret) all[name.toLowerCase()] = values.map(({ text }) => text)
  return all
}
