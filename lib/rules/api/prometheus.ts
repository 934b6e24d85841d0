/** `/prometheus/api/v1/rules` and `/alerts`: how rules and alerts are, in the shape that Grafana's rule list asks for. */
import { formatFloat } from '../../go/strconv/float.ts'
import type { Alert } from '../alerting/alert.ts'
import type { RunningGroup, RunningRule } from '../group.ts'
import type { AlertAnswer, GroupAnswer, RuleAnswer, RulesAnswer } from './answers.ts'

export interface RuleFilter {
  readonly type: 'alert' | 'record' | undefined
  readonly files: readonly string[]
  readonly groups: readonly string[]
  readonly rules: readonly string[]
  readonly excludeAlerts: boolean
}

/** Go's zero time. */
const NEVER = '0001-01-01T00:00:00Z'

/** The filter in the parameters of a request, or what is wrong with them. */
export function ruleFilter(query: URLSearchParams): RuleFilter | string {
  const type = (query.get('type') ?? '').toLowerCase()
  if (type !== '' && type !== 'alert' && type !== 'record')
    return `not supported value "${type}": type takes alert or record`
  const exclude = (query.get('exclude_alerts') ?? '').toLowerCase()
  if (!/^(?:|1|t|true|0|f|false)$/.test(exclude))
    return `error converting exclude_alerts: expected true or false, found "${exclude}"`
  // Prometheus has them with brackets, Loki without.
  const all = (name: string): string[] => [...query.getAll(`${name}[]`), ...query.getAll(name)]
  return {
    type: type === '' ? undefined : type,
    files: all('file'),
    groups: all('rule_group'),
    rules: all('rule_name'),
    excludeAlerts: /^(?:1|t|true)$/.test(exclude),
  }
}

export function rulesAnswer(running: readonly RunningGroup[], filter: RuleFilter): RulesAnswer {
  const groups = running
    .filter(({ namespace, group }) => has(filter.files, namespace) && has(filter.groups, group.name))
    .map((group) => groupAnswer(group, filter))
    .filter(({ rules }) => rules.length > 0)
  return { status: 'success', data: { groups }, errorType: '', error: '' }
}

export function alertsAnswer(running: readonly RunningGroup[]): object {
  const alerts = running.flatMap(({ rules }) => rules.flatMap(alertsOf))
  return { status: 'success', data: { alerts }, errorType: '', error: '' }
}

function has(wanted: readonly string[], name: string): boolean {
  return wanted.length === 0 || wanted.includes(name)
}

function groupAnswer(
  { namespace, group, intervalMs, lastEvaluation, evaluationMs, rules }: RunningGroup,
  { type, rules: names, excludeAlerts }: RuleFilter,
): GroupAnswer {
  return {
    name: group.name,
    file: namespace,
    rules: rules
      .filter(({ rule }) => has(names, rule.name) && (type === undefined || TYPES[rule.kind] === type))
      .map((rule) => ruleAnswer(rule, excludeAlerts)),
    interval: intervalMs / 1000,
    limit: group.limit,
    lastEvaluation: timeText(lastEvaluation),
    evaluationTime: evaluationMs / 1000,
  }
}

const TYPES = { alerting: 'alert', recording: 'record' } as const

function ruleAnswer(running: RunningRule, excludeAlerts: boolean): RuleAnswer {
  const { rule, alerting, health, lastError, lastEvaluation, evaluationMs } = running
  const common = {
    name: rule.name,
    query: rule.text,
    labels: rule.labels,
    health,
    lastError,
    lastEvaluation: timeText(lastEvaluation),
    evaluationTime: evaluationMs / 1000,
  }
  if (rule.kind === 'recording') return { ...common, type: rule.kind }
  return {
    ...common,
    type: rule.kind,
    state: alerting!.table.state,
    duration: rule.forMs / 1000,
    keepFiringFor: rule.keepFiringMs / 1000,
    annotations: rule.annotations,
    alerts: excludeAlerts ? [] : alertsOf(running),
  }
}

function alertsOf({ alerting }: RunningRule): AlertAnswer[] {
  return (alerting?.table.active ?? []).map(({ labels, annotations, state, activeAt, value }: Alert) => ({
    labels,
    annotations,
    state,
    activeAt: timeText(activeAt),
    value: formatFloat(value, 'e', -1),
  }))
}

function timeText(ms: number): string {
  return ms === 0 ? NEVER : new Date(ms).toISOString()
}
