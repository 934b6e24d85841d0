/**
 * Syslog messages of RFC 5424, read in one pass. As strict as go-syslog, which Alloy uses: a message with any mistake is
 * refused as a whole. The one addition: times may have more than six digits of a second.
 */
import { parseRfc3339 } from '../../go/rfc3339.ts'
import { expectChar, fail, graphEnd, isDigit, readPriority, type Cursor } from './cursor.ts'
import type { StructuredData, SyslogMessage, SyslogResult } from './message.ts'

/**
 *     SYSLOG-MSG = HEADER SP STRUCTURED-DATA [ SP MSG ]
 *     HEADER     = PRI VERSION SP TIMESTAMP SP HOSTNAME SP APP-NAME SP PROCID SP MSGID
 */
export function parseRfc5424(text: string): SyslogResult {
  const cursor: Cursor = { text, at: 0, expected: undefined }
  const message: SyslogMessage = { version: 0 }
  message.priority = readPriority(cursor)
  message.version = readVersion(cursor)
  expectChar(cursor, ' ')
  readTime(cursor, message)
  message.hostname = readName(cursor, 255, 'a host name')
  message.appName = readName(cursor, 48, 'an app name')
  message.procId = readName(cursor, 128, 'a process id')
  message.msgId = readName(cursor, 32, 'a message id')
  message.structuredData = readStructuredData(cursor)
  if (cursor.expected === undefined && cursor.at < text.length) expectChar(cursor, ' ')
  if (cursor.expected !== undefined) return { expected: cursor.expected, at: cursor.at }
  if (cursor.at < text.length) message.message = text.slice(cursor.at)
  return message
}

/** VERSION = "1".."9" [ DIGIT [ DIGIT ] ] */
function readVersion(cursor: Cursor): number {
  if (cursor.expected !== undefined) return 0
  const start = cursor.at
  while (cursor.at < start + 3 && isDigit(cursor.text.charCodeAt(cursor.at))) cursor.at++
  if (cursor.at > start && cursor.text[start] !== '0') return Number(cursor.text.slice(start, cursor.at))
  cursor.at = start
  fail(cursor, 'a version from 1 to 999 after the priority (is this RFC 3164?)')
  return 0
}

/** TIMESTAMP = "-" | RFC 3339 date and time, with "T" and "Z" in capitals; followed by SP */
function readTime(cursor: Cursor, message: SyslogMessage): void {
  if (cursor.expected !== undefined) return
  const end = graphEnd(cursor.text, cursor.at)
  const written = cursor.text.slice(cursor.at, end)
  if (written !== '-') {
    const time = parseRfc3339(written)
    if (time === undefined) return fail(cursor, 'an RFC 3339 time or "-"')
    message.time = time
    message.timeText = written
  }
  cursor.at = end
  expectChar(cursor, ' ')
}

/** NAME = "-" | 1*max PRINTUSASCII; followed by SP. Returns undefined for "-". */
function readName(cursor: Cursor, max: number, what: string): string | undefined {
  if (cursor.expected !== undefined) return undefined
  const { text, at } = cursor
  const end = graphEnd(text, at)
  if (end === at || end - at > max) return fail(cursor, `${what} of 1 to ${max} printable characters, or "-"`)
  cursor.at = end
  expectChar(cursor, ' ')
  return end === at + 1 && text[at] === '-' ? undefined : text.slice(at, end)
}

/** STRUCTURED-DATA = "-" | 1*SD-ELEMENT */
function readStructuredData(cursor: Cursor): StructuredData | undefined {
  if (cursor.expected !== undefined) return undefined
  const { text } = cursor
  if (text[cursor.at] === '-') {
    cursor.at++
    return undefined
  }
  if (text[cursor.at] !== '[') return fail(cursor, 'structured data in brackets, or "-"')
  const data = new Map<string, ReadonlyMap<string, string>>()
  while (cursor.expected === undefined && text[cursor.at] === '[') readElement(cursor, data)
  return data
}

/** SD-ELEMENT = "[" SD-ID *(SP SD-PARAM) "]"; an id may stand once */
function readElement(cursor: Cursor, data: Map<string, ReadonlyMap<string, string>>): void {
  const { text } = cursor
  cursor.at++
  const id = readSdName(cursor)
  if (id === undefined) return
  if (data.has(id)) return fail(cursor, `another id: there is an element "${id}" already`)
  const params = new Map<string, string>()
  data.set(id, params)
  while (cursor.expected === undefined && text[cursor.at] === ' ') {
    cursor.at++
    readParam(cursor, params)
  }
  expectChar(cursor, ']')
}

/** SD-NAME = 1*32 PRINTUSASCII without "=", SP, "]" and '"' */
function readSdName(cursor: Cursor): string | undefined {
  const { text, at: start } = cursor
  let at = start
  for (let code = text.charCodeAt(at); code > 32 && code < 127; code = text.charCodeAt(++at))
    if (code === 61 || code === 93 || code === 34) break
  if (at === start || at - start > 32) return fail(cursor, 'a name of 1 to 32 characters in structured data')
  cursor.at = at
  return text.slice(start, at)
}

/** SD-PARAM = SD-NAME "=" %d34 PARAM-VALUE %d34; the last value of a name counts */
function readParam(cursor: Cursor, params: Map<string, string>): void {
  const name = readSdName(cursor)
  expectChar(cursor, '=')
  expectChar(cursor, '"')
  if (cursor.expected !== undefined) return
  const value = readParamValue(cursor)
  expectChar(cursor, '"')
  if (name !== undefined && value !== undefined) params.set(name, value)
}

/** PARAM-VALUE = *( any but '"', "\" and "]" | "\" ( '"' | "\" | "]" ) ) */
function readParamValue(cursor: Cursor): string | undefined {
  const { text } = cursor
  let value = ''
  let from = cursor.at
  for (; cursor.at < text.length; cursor.at++) {
    const code = text.charCodeAt(cursor.at)
    if (code === 34) return value + text.slice(from, cursor.at)
    if (code === 93) return fail(cursor, '"]" to be written as "\\]" in a value')
    if (code !== 92) continue
    const escaped = text.charCodeAt(cursor.at + 1)
    if (escaped !== 34 && escaped !== 92 && escaped !== 93)
      return fail(cursor, '", \\ or ] after a backslash in a value')
    value += text.slice(from, cursor.at)
    from = ++cursor.at
  }
  return fail(cursor, 'the end of a quoted value')
}
