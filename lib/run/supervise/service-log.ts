/** The program's own log as the `logging` block sets it: level, format and receivers; the newest lines are kept. */
import type { Receiver } from '../../component/component.ts'
import { createLogger, type Logger, type LogLevel, type LogSettings } from '../../telemetry/log.ts'
import type { LogFormat } from '../../telemetry/log-format.ts'
import type { Metrics } from '../../telemetry/metrics.ts'
import { RecentLines } from '../../telemetry/recent-lines.ts'
import { RecentProblems } from '../../telemetry/recent-problems.ts'
import { OwnLines, speaker } from './own-lines.ts'

export interface ServiceLogOptions {
  /** Called with each line, without a line feed. */
  readonly write: (line: string) => void
  readonly metrics: Metrics
  /** By full id: the components that each one forwards to. */
  readonly edges: () => ReadonlyMap<string, readonly string[]>
  /** Overrides the config. */
  readonly level?: LogLevel
}

export interface ServiceLog {
  readonly log: Logger
  readonly recent: RecentLines
  readonly problems: RecentProblems
  /** Applies the decoded `logging` block; without one, the defaults. */
  apply(block: Readonly<Record<string, unknown>> | undefined): void
  /** Sends no more lines to components. */
  stop(): void
}

export function serviceLog({ write, metrics, edges, level }: ServiceLogOptions): ServiceLog {
  const recent = new RecentLines()
  const problems = new RecentProblems()
  const settings: LogSettings = {
    level: level ?? 'info',
    format: 'logfmt',
    onProblem: (of, message, fields) => {
      const from = speaker(fields)
      if (from !== undefined) problems.add(from, of, message, fields)
    },
  }
  const own = new OwnLines({ metrics, edges })
  return {
    log: createLogger(settings, (line, _level, fields) => {
      write(line)
      recent.add(line)
      own.add(line, fields)
    }),
    recent,
    problems,
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
