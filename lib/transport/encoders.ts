/** What a sender may be given, by name: a function can't be sent to a worker thread. */
import { pinoEncoder } from './pino-record.ts'
import type { MappingOptions } from './recorder.ts'

export type Format = 'pino' | 'record'

export function encoderOf(format: Format, options: MappingOptions): (raw: string) => string {
  return format === 'pino' ? pinoEncoder(options) : (raw) => raw
}
