/**
 * The alerts of an earlier life of the process: what was pending goes on counting towards `for`, and what was firing is
 * resolved if it's over. Prometheus has the series ALERTS_FOR_STATE for it.
 */
import { readIfExists, writeAtomic } from '../disk/atomic.ts'
import { messageOf } from '../errors.ts'
import type { Logger } from '../telemetry/log.ts'
import type { Alert } from './alerting/alert.ts'
import type { RunningGroup } from './group.ts'
import { labelsKey } from './rule.ts'

/** Alerts by rule. */
export type AlertsByRule = ReadonlyMap<string, readonly Alert[]>

/** After a longer time nothing is known of an alert (Prometheus: --rules.alert.for-outage-tolerance). */
const TOLERANCE_MS = 3_600_000

interface Saved {
  /** Milliseconds of Unix time. */
  readonly at: number
  readonly rules: readonly (readonly [rule: string, alerts: readonly Alert[]])[]
}

/** The alerts of groups, of rules that have any. */
export function alertsOf(groups: Iterable<RunningGroup>): AlertsByRule {
  const found = new Map<string, readonly Alert[]>()
  for (const [key, group, i] of rulesOf(groups)) {
    const alerts = group.rules[i]!.alerting?.table.all ?? []
    if (alerts.length > 0) found.set(key, alerts)
  }
  return found
}

/** Gives groups that haven't begun yet the alerts that their rules had. */
export function restoreAlerts(groups: Iterable<RunningGroup>, alerts: AlertsByRule): void {
  for (const [key, group, i] of rulesOf(groups))
    group.rules[i]!.alerting?.table.restore(alerts.get(key) ?? [])
}

// Rules with the same name and labels are told apart by their order.
function* rulesOf(
  groups: Iterable<RunningGroup>,
): Generator<[key: string, group: RunningGroup, rule: number]> {
  const seen = new Map<string, number>()
  for (const group of groups)
    for (const [i, { rule }] of group.rules.entries()) {
      const name = JSON.stringify([group.namespace, group.group.name, rule.name, labelsKey(rule.labels)])
      const count = seen.get(name) ?? 0
      seen.set(name, count + 1)
      yield [`${name} ${count}`, group, i]
    }
}

export class SavedAlerts {
  readonly #path: string
  readonly #log: Logger
  #pending: Saved | undefined
  #writing: Promise<void> | undefined
  #empty = false

  constructor(path: string, log: Logger) {
    this.#path = path
    this.#log = log
  }

  /** What was saved within the last hour. A file that can't be read is reported and taken for none. */
  async load(now: number): Promise<AlertsByRule> {
    try {
      const bytes = await readIfExists(this.#path)
      if (bytes === undefined) return new Map()
      const { at, rules } = JSON.parse(bytes.toString('utf8')) as Saved
      if (now - at > TOLERANCE_MS) return new Map()
      return new Map(rules.map(([rule, alerts]) => [rule, alerts.filter(isAlert)]))
    } catch (error) {
      this.#log.warn('the saved alerts cannot be read: alerts begin anew', {
        path: this.#path,
        error: messageOf(error),
      })
      return new Map()
    }
  }

  /** Writes what there is now; of several calls while a write runs, the last one counts. Never rejects. */
  save(alerts: AlertsByRule, now: number): void {
    if (alerts.size === 0 && this.#empty) return
    this.#empty = alerts.size === 0
    this.#pending = { at: now, rules: [...alerts] }
    this.#writing ??= this.#write().finally(() => (this.#writing = undefined))
  }

  /** Resolves once everything is written. */
  async settled(): Promise<void> {
    await this.#writing
  }

  async #write(): Promise<void> {
    while (this.#pending !== undefined) {
      const text = JSON.stringify(this.#pending)
      this.#pending = undefined
      try {
        await writeAtomic(this.#path, text)
      } catch (error) {
        this.#log.warn('the alerts cannot be saved', { path: this.#path, error: messageOf(error) })
      }
    }
  }
}

function isAlert(value: Alert): boolean {
  return (
    typeof value?.labels === 'object' &&
    ['pending', 'firing', 'inactive'].includes(value.state) &&
    [value.activeAt, value.firedAt, value.resolvedAt, value.lastSentAt].every(Number.isFinite)
  )
}
