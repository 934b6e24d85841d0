/** What `/prometheus/api/v1/rules` answers, as types. */
import type { Labels } from '../rule.ts'

export interface RulesAnswer {
  readonly status: 'success'
  readonly data: { readonly groups: readonly GroupAnswer[] }
  readonly errorType: ''
  readonly error: ''
}

export interface GroupAnswer {
  readonly name: string
  /** The namespace. */
  readonly file: string
  readonly rules: readonly RuleAnswer[]
  /** Seconds, as all durations here. */
  readonly interval: number
  readonly limit: number
  readonly lastEvaluation: string
  readonly evaluationTime: number
}

interface AnyRuleAnswer {
  readonly name: string
  readonly query: string
  readonly labels: Labels
  readonly health: 'unknown' | 'ok' | 'err'
  readonly lastError: string
  /** In the year 1: never. */
  readonly lastEvaluation: string
  readonly evaluationTime: number
}

export interface AlertingRuleAnswer extends AnyRuleAnswer {
  readonly type: 'alerting'
  readonly state: 'inactive' | 'pending' | 'firing'
  readonly duration: number
  readonly keepFiringFor: number
  readonly annotations: Labels
  readonly alerts: readonly AlertAnswer[]
}

export interface RecordingRuleAnswer extends AnyRuleAnswer {
  readonly type: 'recording'
}

export type RuleAnswer = AlertingRuleAnswer | RecordingRuleAnswer

export interface AlertAnswer {
  readonly labels: Labels
  readonly annotations: Labels
  readonly state: 'inactive' | 'pending' | 'firing'
  readonly activeAt: string
  readonly value: string
}
