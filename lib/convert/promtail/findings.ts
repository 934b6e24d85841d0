/** What a conversion reports: findings with a severity and a place in the source config. */
import { PLAIN, type Pen } from '../../formats/pen.ts'
import { positionAt, type Range, type Source } from '../../alloy/source.ts'

/**
 * `critical`: nothing can be converted. `error`: a part can't, and the rest is written only on demand. `warning`: it
 * is converted, but behaves differently. `info`: worth knowing.
 */
export type Severity = 'info' | 'warning' | 'error' | 'critical'

export interface Finding {
  readonly severity: Severity
  readonly message: string
  readonly source: Source
  /** Missing for what the whole config is about. */
  readonly range: Range | undefined
}

/** Collects findings in order. */
export class Findings {
  readonly all: Finding[] = []
  readonly #source: Source

  constructor(source: Source) {
    this.#source = source
  }

  add(severity: Severity, message: string, range?: Range): void {
    this.all.push({ severity, message, source: this.#source, range })
  }

  has(severity: Severity): boolean {
    return this.all.some((finding) => finding.severity === severity)
  }
}

const COLOURS = { info: 'cyan', warning: 'yellow', error: 'red', critical: 'red' } as const

/** `promtail.yaml:3:7: error: ...`, the form that editors and terminals link. */
export function printFinding({ severity, message, source, range }: Finding, pen: Pen = PLAIN): string {
  const { line, column } = positionAt(source, range?.start ?? 0)
  const place = range === undefined ? `${source.name}:` : `${source.name}:${line}:${column}:`
  return `${pen('bold', place)} ${pen(COLOURS[severity], `${severity}:`)} ${message}`
}

/**
 * The findings to show in the order of the config, as Alloy chooses them: next to a critical one only critical ones count, next to an
 * error that was not bypassed only errors, since nothing was written.
 */
export function shownFindings(findings: readonly Finding[], bypassErrors: boolean): readonly Finding[] {
  const ordered = findings.toSorted((a, b) => (a.range?.start ?? -1) - (b.range?.start ?? -1))
  const critical = ordered.filter(({ severity }) => severity === 'critical')
  if (critical.length > 0) return critical
  const errors = ordered.filter(({ severity }) => severity === 'error')
  return errors.length > 0 && !bypassErrors ? errors : ordered
}
