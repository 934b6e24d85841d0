/** Messages as go-syslog 4.6.0 read them, in fixtures/formats/syslog.json. */
import { readFileSync } from 'node:fs'
import { formatRfc5424, isRefusal, type SyslogResult } from '../../../../lib/formats/syslog/message.ts'

export interface Recorded {
  readonly text: string
  /** For RFC 3164: m(essage counter), (sequen)c(e), h(ost name), s(econd fractions). */
  readonly options?: string
  /** What was read; null for a message that was refused. */
  readonly message: Readonly<Record<string, unknown>> | null
}

export const recorded = JSON.parse(readFileSync('fixtures/formats/syslog.json', 'utf8')) as {
  readonly rfc5424: readonly Recorded[]
  readonly rfc3164: readonly Recorded[]
}

/** A result in the shape of the recorded ones. */
export function asRecorded(result: SyslogResult): Readonly<Record<string, unknown>> | null {
  if (isRefusal(result)) return null
  const { time, timeText: _, structuredData, version, ...rest } = result
  const shown: Record<string, unknown> = Object.fromEntries(
    Object.entries(rest).filter(([, value]) => value !== undefined),
  )
  if (time !== undefined) shown.time = [time.seconds, time.nanos]
  if (structuredData !== undefined)
    shown.structuredData = Object.fromEntries(
      [...structuredData].map(([id, params]) => [id, Object.fromEntries(params)]),
    )
  return version === 0 ? shown : { ...shown, version, printed: formatRfc5424(result) }
}
