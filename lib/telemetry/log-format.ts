/** How one of the program's own log lines is written: as logfmt or as JSON, both with `ts`, `level` and `msg`. */

export type LogFormat = 'logfmt' | 'json'

type Fields = Readonly<Record<string, string | number | boolean | undefined>>

export function marshalLine(
  format: LogFormat,
  at: Date,
  level: string,
  message: string,
  fields: Fields,
): string {
  const all: Fields = { ts: at.toISOString(), level, msg: message, ...fields }
  const pairs = Object.entries(all).filter(([, value]) => value !== undefined)
  if (format === 'json') return JSON.stringify(Object.fromEntries(pairs))
  return pairs.map(([name, value]) => `${name}=${quoted(String(value))}`).join(' ')
}

function quoted(value: string): string {
  return /^[^\s"=\p{Cc}]+$/u.test(value) ? value : JSON.stringify(value)
}
