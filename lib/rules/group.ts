/** A group at work: its rules are evaluated one after another, at fixed times. */
import { messageOf } from '../errors.ts'
import type { Clock, Timer } from '../flow/clock.ts'
import type { Turns } from '../flow/turns.ts'
import type { Logger } from '../telemetry/log.ts'
import { Alerting, type AlertingSettings } from './alerting/alerting.ts'
import type { Alert } from './alerting/alert.ts'
import { samplesAt, type QueryContext, type RuleSample } from './evaluate.ts'
import { labelsKey, type RecordingRule, type Rule, type RuleGroup } from './rule.ts'
import { offsetOf, slotBefore } from './schedule.ts'

export interface GroupSettings extends Omit<AlertingSettings, 'limit'> {
  /** For groups without their own. */
  readonly intervalMs: number
  readonly queryOffsetMs: number
  readonly resendMs: number
}

/** Where a group counts what it does. */
export interface GroupMetrics {
  ruleEvaluated(group: RunningGroup, rule: RunningRule): void
  groupEvaluated(group: RunningGroup, samples: number): void
  /** An evaluation is over; `missed` of them should have begun since it did. */
  scheduled(group: RunningGroup, missed: number): void
  /** Replaces the series that a rule records. Throws BAD_ARGUMENT when another metric has the name. */
  record(group: RunningGroup, rule: RecordingRule, samples: readonly RuleSample[]): void
}

export interface GroupContext {
  readonly settings: GroupSettings
  readonly query: QueryContext
  /** Of groups that are evaluated at once. */
  readonly turns: Turns
  readonly clock: Clock
  readonly log: Logger
  readonly metrics: GroupMetrics
  readonly notify: (alerts: readonly Alert[], rule: Rule) => void
  /** After each evaluation. */
  readonly evaluated: () => void
}

/** A rule with how its last evaluation went. */
export interface RunningRule {
  readonly rule: Rule
  /** Of an alerting rule. */
  readonly alerting: Alerting | undefined
  health: 'unknown' | 'ok' | 'err'
  lastError: string
  /** Milliseconds of Unix time; 0: never. */
  lastEvaluation: number
  /** Milliseconds that it took. */
  evaluationMs: number
}

export class RunningGroup {
  readonly namespace: string
  readonly group: RuleGroup
  readonly intervalMs: number
  readonly rules: readonly RunningRule[]
  lastEvaluation = 0
  evaluationMs = 0
  readonly #context: GroupContext
  readonly #offset: number
  #timer: Timer | undefined
  #running: Promise<void> | undefined
  #stopped = false

  constructor(namespace: string, group: RuleGroup, context: GroupContext) {
    this.namespace = namespace
    this.group = group
    this.#context = context
    const { settings } = context
    this.intervalMs = Math.max(1, group.intervalMs ?? settings.intervalMs)
    this.#offset = offsetOf(namespace, group.name, this.intervalMs)
    this.rules = group.rules.map((rule) => ({
      rule,
      alerting:
        rule.kind === 'alerting' ? new Alerting(rule, { ...settings, limit: group.limit }) : undefined,
      health: 'unknown',
      lastError: '',
      lastEvaluation: 0,
      evaluationMs: 0,
    }))
  }

  /** What metrics call it, as in Prometheus. */
  get key(): string {
    return `${this.namespace};${this.group.name}`
  }

  /** Sets the time of the first evaluation. */
  start(): void {
    this.#wait(slotBefore(this.#context.clock.now(), this.intervalMs, this.#offset) + this.intervalMs)
  }

  /** No further evaluation begins; resolves when the running one is over. */
  async stop(): Promise<void> {
    this.#stopped = true
    this.#timer?.cancel()
    await this.#running
  }

  /** Evaluates all rules at `at`. Never rejects: what fails is the rule's last error. */
  async evaluate(at: number): Promise<void> {
    const began = performance.now()
    let samples = 0
    for (const running of this.rules) {
      if (this.#stopped) return
      samples += await this.#evaluateRule(running, at)
    }
    this.lastEvaluation = at
    this.evaluationMs = performance.now() - began
    this.#context.metrics.groupEvaluated(this, samples)
    this.#context.evaluated()
  }

  #wait(at: number): void {
    const { clock } = this.#context
    this.#timer = clock.after(at - clock.now(), () => {
      this.#running = this.#run(at)
    })
  }

  async #run(at: number): Promise<void> {
    const { turns, clock, metrics } = this.#context
    const end = await turns.take()
    if (end === undefined) return
    try {
      await this.evaluate(at)
    } finally {
      end()
    }
    const next = slotBefore(clock.now(), this.intervalMs, this.#offset) + this.intervalMs
    metrics.scheduled(this, (next - at) / this.intervalMs - 1)
    if (!this.#stopped) this.#wait(next)
  }

  async #evaluateRule(running: RunningRule, at: number): Promise<number> {
    const { settings, query, metrics, log } = this.#context
    const { rule, alerting } = running
    const began = performance.now()
    let count = 0
    try {
      const offset = this.group.queryOffsetMs ?? settings.queryOffsetMs
      const samples = await samplesAt(rule.query, at - offset, query)
      count = samples.length
      if (alerting !== undefined) this.#alert(alerting, samples, at)
      else metrics.record(this, rule as RecordingRule, recorded(rule, samples, this.group.limit))
      running.health = 'ok'
      running.lastError = ''
    } catch (error) {
      if (this.#stopped || query.signal?.aborted === true) return 0
      if (rule.kind === 'recording') metrics.record(this, rule, [])
      running.health = 'err'
      running.lastError = messageOf(error)
      log.warn('a rule could not be evaluated', {
        namespace: this.namespace,
        group: this.group.name,
        rule: rule.name,
        error: running.lastError,
      })
    }
    running.lastEvaluation = at
    running.evaluationMs = performance.now() - began
    metrics.ruleEvaluated(this, running)
    return count
  }

  #alert(alerting: Alerting, samples: readonly RuleSample[], at: number): void {
    alerting.take(samples, at)
    const { settings, notify } = this.#context
    const due = alerting.table.due(at, settings.resendMs, this.intervalMs)
    if (due.length > 0) notify(due, alerting.rule)
  }
}

/** The series of a recording rule. Throws for two with the same labels, and for more than the limit. */
function recorded(rule: Rule, samples: readonly RuleSample[], limit: number): readonly RuleSample[] {
  if (limit > 0 && samples.length > limit)
    throw new Error(`exceeded limit of ${limit} with ${samples.length} series`)
  const series = new Map(
    samples.map(({ labels, value }) => {
      const all = { ...labels, ...rule.labels }
      return [labelsKey(all), { labels: all, value }]
    }),
  )
  if (series.size < samples.length)
    throw new Error(
      'two results have the same labels once the labels of the rule are added: keep those that tell them apart',
    )
  return [...series.values()]
}
