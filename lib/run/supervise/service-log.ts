/** The program's own log as the `logging` block has it: level and format, the last lines, and lines as entries. */
import type { Receiver } from '../../component/component.ts'
import { createLogger, type Logger, type LogLevel, type LogSettings } from '../../telemetry/log.ts'
import type { LogFormat } from '../../telemetry/log-format.ts'
import type { Metrics } from '../../telemetry/metrics.ts'
import { RecentLines } from '../../telemetry/recent-lines.ts'
import { OwnLines } from './own-lines.ts'

export interface ServiceLogOptions {
  /** Takes each line, without its end. */
  readonly write: (line: string) => void
  readonly metrics: Metrics
  /** By the full id of each component those that it forwards to. */
  readonly edges: () => ReadonlyMap<string, readonly string[]>
  /** Stands above what the config says. */
  readonly level?: LogLevel
}

export interface ServiceLog {
  readonly log: Logger
  readonly recent: RecentLines
  /** Takes over the decoded `logging` block; without one everything is as at the start. */
  apply(block: Readonly<Record<string, unknown>> | undefined): void
  /** The end is near: components take no more lines. */
  stop(): void
}

export function serviceLog({ write, metrics, edges, level }: ServiceLogOptions): ServiceLog {
  const settings: LogSettings = { level: level ?? 'info', format: 'logfmt' }
  const recent = new RecentLines()
  const own = new OwnLines({ metrics, edges })
  return {
    log: createLogger(settings, (line, _level, fields) => {
      write(line)
      recent.add(line)
      own.add(line, fields)
    }),
    recent,
    apply: (block = {}) => {
      settings.level = level ?? (((block['level'] as string | undefined) || 'info') as LogLevel)
      settings.format = ((block['format'] as string | undefined) || 'logfmt') as LogFormat
      own.receivers = (block['write_to'] as readonly Receiver[] | undefined) ?? []
    },
    stop: () => {
      own.receivers = []
    },
  }
}
