/** What the syslog parsers return, and the names and texts made of it: severities, facilities, RFC 5424 text. */
import type { Instant } from '../../go/rfc3339.ts'

/** Structured data: parameters by the id of their element. */
export type StructuredData = ReadonlyMap<string, ReadonlyMap<string, string>>

/** A message that was parsed. A part that was left out, nil (`-`) or empty is `undefined`. */
export interface SyslogMessage {
  /** Eight times the facility plus the severity. */
  priority?: number
  /** 1 to 999; 0 for formats without one. */
  version: number
  time?: Instant
  /** The time as it was written. */
  timeText?: string
  hostname?: string
  appName?: string
  procId?: string
  msgId?: string
  /** Cisco's message counter and sequence number. */
  counter?: number
  sequence?: number
  structuredData?: StructuredData
  message?: string
}

/** Why a message wasn't: what was expected, and the offset (from 0) of what was found instead. */
export interface SyslogRefusal {
  readonly expected: string
  readonly at: number
}

export type SyslogResult = SyslogMessage | SyslogRefusal

export function isRefusal(result: SyslogResult): result is SyslogRefusal {
  return 'expected' in result
}

const SEVERITIES = ['emergency', 'alert', 'critical', 'error', 'warning', 'notice', 'informational', 'debug']

// RFC 5427 names, as go-syslog writes them.
const FACILITIES = [
  ...['kern', 'user', 'mail', 'daemon', 'auth', 'syslog', 'lpr', 'news', 'uucp', 'cron', 'authpriv', 'ftp'],
  ...['ntp', 'security', 'console', 'cron2', 'local0', 'local1', 'local2', 'local3', 'local4', 'local5'],
  ...['local6', 'local7'],
]

/** `emergency` to `debug`. */
export function severityName(priority: number): string {
  return SEVERITIES[priority % 8]!
}

/** `kern` to `local7`; '' for a facility above 23, which only the raw format lets through. */
export function facilityName(priority: number): string {
  return FACILITIES[Math.floor(priority / 8)] ?? ''
}

/**
 * The message as RFC 5424 text, as `use_rfc5424_message` hands it on: elements and parameters sorted, times with
 * at most six digits of a second and no trailing zeros.
 */
export function formatRfc5424(of: SyslogMessage): string {
  const head = `<${of.priority ?? 0}>${of.version} ${timeOf(of)} ${of.hostname ?? '-'} ${of.appName ?? '-'}`
  const message = of.message === undefined ? '' : ` ${of.message}`
  return `${head} ${of.procId ?? '-'} ${of.msgId ?? '-'} ${structuredDataText(of.structuredData)}${message}`
}

function timeOf({ timeText }: SyslogMessage): string {
  if (timeText === undefined) return '-'
  const fraction = /\.\d+/.exec(timeText)?.[0] ?? ''
  const short = fraction.slice(0, 7).replace(/\.?0+$/, '')
  return (fraction === '' ? timeText : timeText.replace(fraction, short)).replace(/[+-]00:00$/, 'Z')
}

function structuredDataText(data: StructuredData | undefined): string {
  if (data === undefined) return '-'
  let text = ''
  for (const [id, params] of [...data].sort(byName)) {
    text += `[${id}`
    for (const [name, value] of [...params].sort(byName))
      text += ` ${name}="${value.replaceAll(/["\\\]]/g, '\\$&')}"`
    text += ']'
  }
  return text
}

function byName([a]: readonly [string, unknown], [b]: readonly [string, unknown]): number {
  return a < b ? -1 : a > b ? 1 : 0
}
