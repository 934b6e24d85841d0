/** What /metrics tells of rules, under Loki's names, and the series that recording rules make. */
import type { Sample } from '../telemetry/family.ts'
import type { Metrics } from '../telemetry/metrics.ts'
import type { RuleSample } from './evaluate.ts'
import type { GroupMetrics, RunningGroup, RunningRule } from './group.ts'
import type { RecordingRule } from './rule.ts'

interface GroupCounts {
  evaluations: number
  failures: number
  iterations: number
  missed: number
  samples: number
}

/** The series of one name, by the rule that records them. */
interface Recorded {
  readonly metrics: Metrics
  readonly of: Map<string, readonly Sample[]>
}

export class RulerMetrics implements GroupMetrics {
  readonly #metrics: Metrics
  readonly #ofRules: Metrics
  readonly #counts = new Map<string, GroupCounts>()
  readonly #recorded = new Map<string, Recorded>()

  /** `ofRules`: where recorded series go; `groups`: those that run. */
  constructor(metrics: Metrics, ofRules: Metrics, groups: () => Iterable<RunningGroup>) {
    this.#metrics = metrics
    this.#ofRules = ofRules
    const each = (
      name: string,
      type: 'counter' | 'gauge',
      help: string,
      read: (group: RunningGroup, counts: GroupCounts) => number,
    ): void =>
      metrics.collect(`loki_prometheus_rule_${name}`, type, help, () =>
        [...groups()].map((group) => ({
          labels: { rule_group: group.key },
          value: read(group, this.#countsOf(group)),
        })),
      )
    each('evaluations_total', 'counter', 'Evaluations of rules.', (_group, { evaluations }) => evaluations)
    each(
      'evaluation_failures_total',
      'counter',
      'Evaluations of rules that failed.',
      (_group, { failures }) => failures,
    )
    each(
      'group_iterations_total',
      'counter',
      'Evaluations of the group, done or missed.',
      (_group, { iterations }) => iterations,
    )
    each(
      'group_iterations_missed_total',
      'counter',
      'Evaluations that were missed because earlier ones took too long.',
      (_group, { missed }) => missed,
    )
    each(
      'group_last_evaluation_samples',
      'gauge',
      'Samples of the last one.',
      (_group, { samples }) => samples,
    )
    each(
      'group_last_evaluation_timestamp_seconds',
      'gauge',
      'Time of the last evaluation.',
      ({ lastEvaluation }) => lastEvaluation / 1000,
    )
    each(
      'group_last_duration_seconds',
      'gauge',
      'How long the last evaluation took.',
      ({ evaluationMs }) => evaluationMs / 1000,
    )
    each(
      'group_interval_seconds',
      'gauge',
      'Time between evaluations.',
      ({ intervalMs }) => intervalMs / 1000,
    )
    each('group_rules', 'gauge', 'Rules in the group.', ({ rules }) => rules.length)
    metrics.collect('loki_prometheus_alerts', 'gauge', 'Alerts by state.', () =>
      (['pending', 'firing'] as const).map((state) => ({
        labels: { state },
        value: [...groups()]
          .flatMap(({ rules }) => rules.flatMap(({ alerting }) => alerting?.table.active ?? []))
          .filter((alert) => alert.state === state).length,
      })),
    )
  }

  ruleEvaluated(group: RunningGroup, { health }: RunningRule): void {
    const counts = this.#countsOf(group)
    counts.evaluations++
    if (health === 'err') counts.failures++
  }

  groupEvaluated(group: RunningGroup, samples: number): void {
    this.#countsOf(group).samples = samples
  }

  scheduled(group: RunningGroup, missed: number): void {
    const counts = this.#countsOf(group)
    counts.iterations += 1 + missed
    counts.missed += missed
  }

  record(group: RunningGroup, rule: RecordingRule, samples: readonly RuleSample[]): void {
    const key = `${group.key};${rule.name};${group.group.rules.indexOf(rule)}`
    const known = this.#recorded.get(rule.name)
    if (samples.length === 0) {
      known?.of.delete(key)
      return
    }
    const recorded = known ?? this.#register(rule.name)
    recorded.of.set(
      key,
      samples.map(({ labels, value }) => ({ labels, value })),
    )
  }

  /** The group is gone, and what it recorded. `replaced`: another one counts on. */
  forget(group: RunningGroup, replaced: boolean): void {
    if (!replaced) this.#counts.delete(group.key)
    for (const rule of group.group.rules) if (rule.kind === 'recording') this.record(group, rule, [])
  }

  close(): void {
    for (const { metrics } of this.#recorded.values()) metrics.close()
    this.#metrics.close()
  }

  #register(name: string): Recorded {
    const recorded: Recorded = { metrics: this.#ofRules.with({}), of: new Map() }
    recorded.metrics.collect(name, 'gauge', 'Recorded by a rule.', () => [...recorded.of.values()].flat())
    this.#recorded.set(name, recorded)
    return recorded
  }

  #countsOf({ key }: RunningGroup): GroupCounts {
    let counts = this.#counts.get(key)
    if (counts === undefined)
      this.#counts.set(key, (counts = { evaluations: 0, failures: 0, iterations: 0, missed: 0, samples: 0 }))
    return counts
  }
}
