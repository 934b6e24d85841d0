/** Rules as a file declares them, checked and with their query parsed. Durations are in milliseconds. */
import type { MetricExpression } from '../logql/syntax/ast.ts'

export type Labels = Readonly<Record<string, string>>

interface RuleBase {
  readonly name: string
  /** The expression as it is written. */
  readonly text: string
  readonly query: MetricExpression
  /** Added to those of the samples, in alerting rules as templates; those of the group included. */
  readonly labels: Labels
}

export interface AlertingRule extends RuleBase {
  readonly kind: 'alerting'
  /** How long the expression must have held for an alert to fire. */
  readonly forMs: number
  /** How long an alert fires on after the expression holds no longer. */
  readonly keepFiringMs: number
  /** Templates. */
  readonly annotations: Labels
}

export interface RecordingRule extends RuleBase {
  readonly kind: 'recording'
}

export type Rule = AlertingRule | RecordingRule

export interface RuleGroup {
  readonly name: string
  /** `undefined`: the evaluation interval of the ruler. */
  readonly intervalMs: number | undefined
  /** The queries are about so much earlier, for logs that arrive late; `undefined`: the ruler's. */
  readonly queryOffsetMs: number | undefined
  /** Most alerts of an alerting rule and most series of a recording rule; 0: no limit. */
  readonly limit: number
  readonly rules: readonly Rule[]
}

/** The same labels in the order of their names, so that equal sets have equal texts. */
export function sorted(labels: Labels): Labels {
  return Object.fromEntries(Object.entries(labels).sort(([a], [b]) => (a < b ? -1 : 1)))
}

/** What tells one label set from another. */
export function labelsKey(labels: Labels): string {
  return JSON.stringify(Object.entries(labels).sort(([a], [b]) => (a < b ? -1 : 1)))
}
