/**
 * Syslog messages of RFC 3164 (BSD), as go-syslog reads them for Alloy, with Cisco's additions. On top of that, what
 * real senders write and Alloy throws away is taken: times as RFC 3339 (rsyslog's forwarding format), days as `05`,
 * fractions of a second, and control characters in the message.
 */
import { daysFromCivil, daysInMonth } from '../../go/time/instant.ts'
import { parseRfc3339 } from '../../go/rfc3339.ts'
import { expectChar, fail, graphEnd, isDigit, readPriority, skipSpaces, type Cursor } from './cursor.ts'
import type { SyslogMessage, SyslogResult } from './message.ts'

export interface Rfc3164Options {
  /** Which of Cisco's fields stand before the time. */
  readonly counter?: boolean
  readonly sequence?: boolean
  readonly ciscoHostname?: boolean
  /** The present, from which the missing year is taken; left out: year 0. */
  readonly now?: Date
}

/**
 *     MESSAGE = PRI *SP [ COUNTER ":" *SP ] [ SEQUENCE ":" *SP ] [ HOSTNAME ":" *SP ] [ "*" ] TIME [ ":" ] 1*SP BODY
 *
 * The fields before TIME, "*" and the colon after it are Cisco's, and only read if the options say so.
 */
export function parseRfc3164(text: string, options: Rfc3164Options = {}): SyslogResult {
  const cursor: Cursor = { text, at: 0, expected: undefined }
  const message: SyslogMessage = { version: 0 }
  message.priority = readPriority(cursor)
  if (cursor.expected === undefined) {
    skipSpaces(cursor)
    const cisco = options.counter === true || options.sequence === true || options.ciscoHostname === true
    if (cisco) readCiscoFields(cursor, message, options)
    readTime(cursor, message, options.now)
    if (cisco && text[cursor.at] === ':') cursor.at++
    if (cursor.at < text.length) expectChar(cursor, ' ')
  }
  if (cursor.expected !== undefined) return { expected: cursor.expected, at: cursor.at }
  skipSpaces(cursor)
  readBody(cursor, message)
  return message
}

/** Reads the fields before the time, as far as `options` expect them and they are there. */
function readCiscoFields(cursor: Cursor, message: SyslogMessage, options: Rfc3164Options): void {
  const { text } = cursor
  if (options.counter === true) message.counter = readNumber(cursor, 0)
  if (options.sequence === true) message.sequence = readNumber(cursor, 1)
  if (options.ciscoHostname === true) {
    const end = nameEnd(text, cursor.at)
    if (text[end] === ':' && end > cursor.at && end - cursor.at <= 255) {
      message.hostname = presentOf(text.slice(cursor.at, end))
      cursor.at = end + 1
      skipSpaces(cursor)
    }
  }
  if (text[cursor.at] === '*') cursor.at++
}

/** NUMBER ":" *SP, with at least `least` digits; nothing is read when it is not there. */
function readNumber(cursor: Cursor, least: number): number | undefined {
  const { text, at: start } = cursor
  let at = start
  while (isDigit(text.charCodeAt(at))) at++
  if (text[at] !== ':' || at - start < least) return undefined
  cursor.at = at + 1
  skipSpaces(cursor)
  // Counters are 32 bits wide and wrap around.
  return Number(BigInt.asUintN(32, BigInt(text.slice(start, Math.min(at, start + 40)) || '0')))
}

const MONTHS = ['Jan', 'Feb', 'Mar', 'Apr', 'May', 'Jun', 'Jul', 'Aug', 'Sep', 'Oct', 'Nov', 'Dec']

/**
 *     TIME  = STAMP | RFC 3339 date and time
 *     STAMP = MONTH SP DAY SP 2DIGIT ":" 2DIGIT ":" 2DIGIT [ "." 1*9DIGIT ]      (* UTC; DAY is "_5", "05" or "15" *)
 */
function readTime(cursor: Cursor, message: SyslogMessage, now: Date | undefined): void {
  const { text, at } = cursor
  const month = MONTHS.indexOf(text.slice(at, at + 3)) + 1
  if (month === 0) return readRfc3339(cursor, message)
  const day = Number(text.slice(at + 4, at + 6))
  const clock = /^ (?:[ 0][1-9]|[12]\d|3[01]) ([01]\d|2[0-3]):([0-5]\d):([0-5]\d)(?:\.(\d{1,9}))?/.exec(
    text.slice(at + 3, at + 26),
  )
  // Year 0, which stands for "no year", is a leap year.
  if (clock === null || day > daysInMonth(month, 0)) return fail(cursor, 'a time as "Oct 11 22:14:15"')
  const [written, hour, minute, second, fraction = ''] = clock
  cursor.at = at + 3 + written.length
  const days = daysFromCivil(now === undefined ? 0 : yearOf(month, now), month, day)
  message.time = {
    seconds: days * 86_400 + Number(hour) * 3600 + Number(minute) * 60 + Number(second),
    nanos: Number(fraction.padEnd(9, '0')),
  }
}

function readRfc3339(cursor: Cursor, message: SyslogMessage): void {
  const { text, at } = cursor
  const end = graphEnd(text, at)
  const time = isDigit(text.charCodeAt(at)) ? parseRfc3339(text.slice(at, end)) : undefined
  if (time === undefined) return fail(cursor, 'a time as "Oct 11 22:14:15"')
  message.time = time
  cursor.at = end
}

// A December message that comes in January is of last year, and the other way round.
function yearOf(month: number, now: Date): number {
  const present = now.getMonth() + 1
  if (month === 12 && present === 1) return now.getFullYear() - 1
  if (month === 1 && present === 12) return now.getFullYear() + 1
  return now.getFullYear()
}

/**
 *     BODY     = [ HOSTNAME 1*SP ] [ TAG [ "[" CONTENT "]" ] ": " ] MSG [ LF ]
 *     HOSTNAME = 1*255 PRINTUSASCII without ":"
 *     TAG      = 1*48 PRINTUSASCII without "[" and ":"
 *
 * HOSTNAME is left out where the first word holds a colon, or nothing follows it.
 */
function readBody(cursor: Cursor, message: SyslogMessage): void {
  const { text } = cursor
  const end = text.endsWith('\n') ? text.length - 1 : text.length
  const nameEndsAt = nameEnd(text, cursor.at)
  if (text[nameEndsAt] === ' ' && nameEndsAt - cursor.at <= 255 && !isBlank(text, nameEndsAt, end)) {
    message.hostname = presentOf(text.slice(cursor.at, nameEndsAt))
    cursor.at = nameEndsAt
    skipSpaces(cursor)
  }
  readTag(cursor, message, end)
  if (cursor.at < end) message.message = text.slice(cursor.at, end)
}

/** Reads the tag. Where `: ` and a text do not follow it, it also stays part of the message. */
function readTag(cursor: Cursor, message: SyslogMessage, end: number): void {
  const { text, at: start } = cursor
  let at = start
  for (let code = text.charCodeAt(at); code > 32 && code < 127; code = text.charCodeAt(++at))
    if (code === 58 || code === 91) break
  const tag = text.slice(start, at)
  if (tag === '' || tag.length > 48) return
  let content: string | undefined
  if (text[at] === '[') {
    const close = text.indexOf(']', at)
    const inner = text.indexOf('[', at + 1)
    if (close < 0 || (inner >= 0 && inner < close)) return
    content = text.slice(at + 1, close)
    at = close + 1
  }
  if (text[at] !== ':') return
  message.appName = presentOf(tag)
  message.procId = presentOf(content)
  if (text[at + 1] === ' ' && at + 2 < end) cursor.at = at + 2
}

function nameEnd(text: string, from: number): number {
  let at = from
  for (let code = text.charCodeAt(at); code > 32 && code < 127 && code !== 58; code = text.charCodeAt(++at));
  return at
}

function isBlank(text: string, from: number, end: number): boolean {
  for (let at = from; at < end; at++) if (text.charCodeAt(at) !== 32) return false
  return true
}

function presentOf(text: string | undefined): string | undefined {
  return text === '-' || text === '' ? undefined : text
}
