/** A line of pino (https://getpino.io, newline-delimited JSON) as a record. */
import { recorder, type MappingOptions } from './recorder.ts'

/** pino's levels; others keep their number. */
const LEVELS: Readonly<Record<number, string>> = {
  10: 'trace',
  20: 'debug',
  30: 'info',
  40: 'warn',
  50: 'error',
  60: 'fatal',
}

/** Returns the encoder of pino's lines. What isn't a JSON object is delivered too, with the labels of all entries. */
export function pinoEncoder(options: MappingOptions): (raw: string) => string {
  const record = recorder(options)
  return (raw) => {
    const line = raw.endsWith('\n') ? raw.slice(0, -1) : raw
    const fields = fieldsOf(line)
    const level = fields['level']
    const named = typeof level === 'number' ? { ...fields, level: LEVELS[level] ?? level } : fields
    return record(named, line, timeOf(fields['time']))
  }
}

function fieldsOf(line: string): Readonly<Record<string, unknown>> {
  try {
    const value: unknown = JSON.parse(line)
    return typeof value === 'object' && value !== null ? (value as Record<string, unknown>) : {}
  } catch {
    return {}
  }
}

// Milliseconds by default; text with `pino.stdTimeFunctions.isoTime`.
function timeOf(time: unknown): number {
  if (typeof time === 'number' && Number.isFinite(time)) return time
  const parsed = typeof time === 'string' ? Date.parse(time) : Number.NaN
  return Number.isNaN(parsed) ? Date.now() : parsed
}
