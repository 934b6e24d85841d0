/** The program's own log lines, on stderr: logfmt or JSON, by level. Diagnostics for people, never data. */
import { marshalLine, type LogFormat } from './log-format.ts'

export type LogLevel = 'debug' | 'info' | 'warn' | 'error'

/** The fields of a line, besides its message. Never put secrets here. */
export type LogFields = Readonly<Record<string, string | number | boolean | undefined>>

export interface Logger {
  debug(message: string, fields?: LogFields): void
  info(message: string, fields?: LogFields): void
  warn(message: string, fields?: LogFields): void
  error(message: string, fields?: LogFields): void
  /** A logger whose lines also carry `fields`. */
  with(fields: LogFields): Logger
}

/** The settings that all loggers made from one `createLogger` share; a reload changes them in place. */
export interface LogSettings {
  level: LogLevel
  format: LogFormat
  /** Called with every warning and error, also with those that the level leaves out. */
  readonly onProblem?: (level: LogLevel, message: string, fields: LogFields) => void
}

const RANKS: Readonly<Record<LogLevel, number>> = { debug: 0, info: 1, warn: 2, error: 3 }

/** Takes a finished line, without its line end, and the fields it was made of. */
export type WriteLine = (line: string, level: LogLevel, fields: LogFields) => void

/** A logger that hands finished lines to `write`. */
export function createLogger(settings: LogSettings, write: WriteLine, fields: LogFields = {}): Logger {
  const log = (level: LogLevel, message: string, more?: LogFields): void => {
    const problem = settings.onProblem !== undefined && RANKS[level] >= RANKS.warn
    const written = RANKS[level] >= RANKS[settings.level]
    if (!problem && !written) return
    const all = { ...fields, ...more }
    if (problem) settings.onProblem!(level, message, all)
    if (!written) return
    write(marshalLine(settings.format, new Date(), level, message, all), level, all)
  }
  return {
    debug: (message, more) => log('debug', message, more),
    info: (message, more) => log('info', message, more),
    warn: (message, more) => log('warn', message, more),
    error: (message, more) => log('error', message, more),
    with: (more) => createLogger(settings, write, { ...fields, ...more }),
  }
}

/** Logs nothing: the default for library users. */
export const SILENT: Logger = createLogger({ level: 'error', format: 'logfmt' }, () => {})
