/** A record as a line of logfmt, as the collector's translator for Loki writes it with go-logfmt. */
import { parseLogfmt } from '../formats/logfmt.ts'
import { formatFloatG } from '../go/strconv/number.ts'
import type { Attributes } from './attributes.ts'
import type { CarriedRecord } from './carried.ts'
import { isMap, type OtlpRecord, type OtlpValue } from './records.ts'

/** What becomes a line: a record, with the attributes that didn't become labels. */
export interface LineParts {
  readonly record: OtlpRecord
  readonly scope: CarriedRecord['scope']
  readonly attributes: Attributes
  readonly resource: Attributes
}

/** Undefined when a key has no character that logfmt allows, where go-logfmt fails. */
export function logfmtLine({ record, scope, attributes, resource }: LineParts): string | undefined {
  const pairs = new Pairs()
  const parsed = addBody(pairs, record.body)
  // Keys that came out of the body's own text are never replaced.
  const set = (key: string, value: string): void => {
    if (value !== '') pairs.set(key, quoted(value), !parsed)
  }
  set('traceID', record.traceId)
  set('spanID', record.spanId)
  set('severity', record.severityText)
  set('flags', record.flags === 0 ? '' : String(record.flags))
  for (const [name, value] of attributes) addValue(pairs, `attribute_${name}`, value)
  for (const [name, value] of resource) addValue(pairs, `resource_${name}`, value)
  if (scope.name !== '') {
    pairs.add('instrumentation_scope_name', quoted(scope.name))
    if (scope.version !== '') pairs.add('instrumentation_scope_version', quoted(scope.version))
    for (const [name, value] of scope.attributes)
      addValue(pairs, `instrumentation_scope_attribute_${name}`, value)
  }
  return pairs.text
}

class Pairs {
  readonly #pairs: [key: string, value: string][] = []

  add(key: string, value: string): void {
    this.#pairs.push([key, value])
  }

  /** Replaces the value of the key if it is there and may be replaced. */
  set(key: string, value: string, replace: boolean): void {
    const known = replace ? this.#pairs.find((pair) => pair[0] === key) : undefined
    if (known === undefined) this.add(key, value)
    else known[1] = value
  }

  get text(): string | undefined {
    const parts: string[] = []
    for (const [key, value] of this.#pairs) {
      // oxlint-disable-next-line no-control-regex -- as go-logfmt: control characters, blanks, `=`, `"` and what isn't UTF-8
      const valid = key.replaceAll(/[\0- ="\x7f\ufffd]/g, '')
      if (valid === '') return undefined
      parts.push(`${valid}=${value}`)
    }
    return parts.join(' ')
  }
}

/** Whether the body was parsed: a string that is logfmt already, as far as one line of it. */
function addBody(pairs: Pairs, body: OtlpValue): boolean {
  if (body === null) return false
  if (typeof body === 'string') {
    const found: [string, string][] = []
    // Alloy reads only the first of several lines, and loses the others.
    if (!body.includes('\n') && parseLogfmt(body, (key, value) => found.push([key, value]))) {
      for (const [key, value] of found) pairs.add(key, quotedBytes(value))
      return true
    }
    pairs.add('msg', quoted(body))
  } else if (isMap(body)) addValue(pairs, '', body)
  else addValue(pairs, Array.isArray(body) ? 'body' : 'msg', body)
  return false
}

function addValue(pairs: Pairs, key: string, value: OtlpValue): void {
  if (value === null) return
  const prefix = key === '' ? '' : `${key}_`
  if (isMap(value)) for (const [name, inner] of value.pairs) addValue(pairs, `${prefix}${name}`, inner)
  else if (value instanceof Uint8Array) pairs.add(key, quotedBytes(Buffer.from(value).toString()))
  else if (typeof value === 'object') value.forEach((inner, i) => addValue(pairs, `${prefix}${i}`, inner))
  else if (typeof value === 'string') pairs.add(key, quoted(value))
  else pairs.add(key, typeof value === 'number' ? formatFloatG(value) : String(value))
}

// A string that reads as nothing is quoted; bytes never are for that.
function quoted(value: string): string {
  return value === 'null' ? '"null"' : quotedBytes(value)
}

// oxlint-disable-next-line no-control-regex -- as go-logfmt: needs quotes
const UNSAFE = /[\0- ="\x7f\ufffd]|\p{Cs}/u
// oxlint-disable-next-line no-control-regex -- as go-logfmt: needs an escape
const ESCAPED = /[\0-\x1f"\\\x7f\ufffd]|\p{Cs}/gu

const SHORT: Readonly<Record<string, string>> = {
  '"': '\\"',
  '\\': '\\\\',
  '\n': '\\n',
  '\r': '\\r',
  '\t': '\\t',
}

function quotedBytes(value: string): string {
  if (!UNSAFE.test(value)) return value
  return `"${value.replaceAll(ESCAPED, (char) => SHORT[char] ?? hex(char.codePointAt(0)!))}"`
}

function hex(code: number): string {
  return `\\u${(code >= 0xd800 && code <= 0xdfff ? 0xfffd : code).toString(16).padStart(4, '0')}`
}
