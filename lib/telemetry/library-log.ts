/** A logger of the program that uses the library (pino, console, or any like them) as one of ours. */
import type { LogFields, Logger } from './log.ts'

/** pino's way of calling: the fields, then the message. `console` fits too. */
export interface LibraryLogger {
  debug(fields: object, message: string): void
  info(fields: object, message: string): void
  warn(fields: object, message: string): void
  error(fields: object, message: string): void
}

/** Every line carries the `component` that says it. */
export function loggerFor(logger: LibraryLogger, component: string): Logger {
  return withFields(logger, { component })
}

function withFields(logger: LibraryLogger, fields: LogFields): Logger {
  const log =
    (level: keyof LibraryLogger) =>
    (message: string, more?: LogFields): void =>
      logger[level]({ ...fields, ...more }, message)
  return {
    debug: log('debug'),
    info: log('info'),
    warn: log('warn'),
    error: log('error'),
    with: (more) => withFields(logger, { ...fields, ...more }),
  }
}
