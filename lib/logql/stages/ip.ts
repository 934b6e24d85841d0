/** `ip("10.0.0.0/8")`: finds addresses in a text and checks whether one is in the range. */
import { isIPv4, isIPv6 } from 'node:net'
import { LogqlError } from '../syntax/error.ts'

/** An address as a number; v4 and v6 are apart, as in Go's netip. */
interface Address {
  readonly bits: 32 | 128
  readonly value: bigint
}

interface Span {
  readonly bits: 32 | 128
  readonly first: bigint
  readonly last: bigint
}

function parseV4(text: string): bigint {
  return text.split('.').reduce((value, part) => value * 256n + BigInt(part), 0n)
}

function parseV6(text: string): bigint {
  let plain = text
  const colon = text.lastIndexOf(':')
  if (text.includes('.')) {
    const low = parseV4(text.slice(colon + 1))
    plain = `${text.slice(0, colon + 1)}${(low >> 16n).toString(16)}:${(low & 0xffffn).toString(16)}`
  }
  const [head = '', tail] = plain.split('::')
  const before = head === '' ? [] : head.split(':')
  const after = tail === undefined || tail === '' ? [] : tail.split(':')
  const zeros = Array.from({ length: 8 - before.length - after.length }, () => '0')
  return [...before, ...zeros, ...after].reduce((value, part) => value * 65_536n + BigInt(`0x${part}`), 0n)
}

function parseAddress(text: string): Address | undefined {
  if (isIPv4(text)) return { bits: 32, value: parseV4(text) }
  // An address with a zone is in no range.
  if (isIPv6(text) && !text.includes('%')) return { bits: 128, value: parseV6(text) }
  return undefined
}

function parseSpan(pattern: string): Span | undefined {
  const single = parseAddress(pattern)
  if (single !== undefined) return { bits: single.bits, first: single.value, last: single.value }
  const slash = pattern.lastIndexOf('/')
  if (slash >= 0) return parsePrefix(pattern.slice(0, slash), pattern.slice(slash + 1))
  const dash = pattern.indexOf('-')
  const from = dash < 0 ? undefined : parseAddress(pattern.slice(0, dash))
  const to = dash < 0 ? undefined : parseAddress(pattern.slice(dash + 1))
  if (from === undefined || to === undefined || from.bits !== to.bits || from.value > to.value)
    return undefined
  return { bits: from.bits, first: from.value, last: to.value }
}

function parsePrefix(text: string, length: string): Span | undefined {
  const address = parseAddress(text)
  if (address === undefined || !/^(?:0|[1-9]\d{0,2})$/.test(length) || Number(length) > address.bits)
    return undefined
  const host = BigInt(address.bits - Number(length))
  const first = (address.value >> host) << host
  return { bits: address.bits, first, last: first + (1n << host) - 1n }
}

function isDigit(code: number): boolean {
  return code >= 48 && code <= 57
}

function isHex(code: number): boolean {
  return isDigit(code) || (code >= 97 && code <= 102) || (code >= 65 && code <= 70)
}

const DOT = 46
const COLON = 58

/** A digit with a dot one to three places later may start an IPv4 address; four characters must be left. */
function startsV4(text: string, at: number): boolean {
  if (at + 3 >= text.length || !isDigit(text.charCodeAt(at))) return false
  for (let i = 1; i <= 3; i++) if (text.charCodeAt(at + i) === DOT) return true
  return false
}

/** One to four hexadecimal digits and a colon, or two colons and a digit; five characters must be left. */
function startsV6(text: string, at: number): boolean {
  if (at + 4 >= text.length) return false
  if (text.charCodeAt(at) === COLON)
    return text.charCodeAt(at + 1) === COLON && isHex(text.charCodeAt(at + 2))
  for (let i = 0; i < 4; i++) {
    if (!isHex(text.charCodeAt(at + i))) return false
    if (text.charCodeAt(at + i + 1) === COLON) return true
  }
  return false
}

const v4Letters = /[\d.]*/y
const v6Letters = /[\da-fA-F:.]*/y

function contains(span: Span, text: string): boolean {
  const address = parseAddress(text)
  return (
    address !== undefined &&
    address.bits === span.bits &&
    address.value >= span.first &&
    address.value <= span.last
  )
}

function search(text: string, span: Span): boolean {
  for (let at = 0; at < text.length; at++) {
    const letters = startsV4(text, at) ? v4Letters : startsV6(text, at) ? v6Letters : undefined
    if (letters === undefined) continue
    letters.lastIndex = at
    const found = letters.exec(text)?.[0] ?? ''
    if (contains(span, found)) return true
    at += found.length
  }
  return false
}

/**
 * A search for addresses: a single one, a range `10.0.0.1-10.0.0.9` or a CIDR prefix, v4 or v6.
 *
 * @throws {LogqlError} for anything else
 */
export function compileIp(pattern: string, offset?: number): (text: string) => boolean {
  const span = parseSpan(pattern)
  if (span === undefined)
    throw new LogqlError(
      `ip: invalid pattern: ${JSON.stringify(pattern)}; write an address, a range a-b or a CIDR a/8`,
      offset === undefined ? {} : { offset },
    )
  return (text) => search(text, span)
}
