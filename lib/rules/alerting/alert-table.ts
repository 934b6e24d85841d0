/** The alerts of one rule, and how they change with each evaluation: inactive, pending, firing, as in Prometheus. */
import { labelsKey } from '../rule.ts'
import { newAlert, type Alert, type AlertState, type FoundAlert } from './alert.ts'

/**
 * How long a resolved alert is sent on, so that its end arrives even where Alertmanager was away or restarted
 * (Prometheus: resolvedRetention).
 */
const RESOLVED_KEPT_MS = 15 * 60_000

export interface AlertTimes {
  readonly forMs: number
  readonly keepFiringMs: number
  /** Most active alerts; 0: no limit. */
  readonly limit: number
}

export class AlertTable {
  readonly #alerts = new Map<string, Alert>()

  /** The pending and firing ones. */
  get active(): readonly Alert[] {
    return [...this.#alerts.values()].filter(({ resolvedAt }) => resolvedAt === 0)
  }

  /** Those that have resolved of late included. */
  get all(): readonly Alert[] {
    return [...this.#alerts.values()]
  }

  get state(): AlertState {
    const states = new Set(this.active.map(({ state }) => state))
    return states.has('firing') ? 'firing' : states.has('pending') ? 'pending' : 'inactive'
  }

  /** Takes over alerts of an earlier life. */
  restore(alerts: Iterable<Alert>): void {
    for (const alert of alerts) this.#alerts.set(labelsKey(alert.labels), { ...alert })
  }

  /** Takes in an evaluation. Throws when there are two alerts with the same labels, or more than the limit: then none is left. */
  update(found: readonly FoundAlert[], at: number, { forMs, keepFiringMs, limit }: AlertTimes): void {
    const seen = this.#take(found, at)
    let active = 0
    for (const [key, alert] of this.#alerts) {
      if (seen.has(key)) alert.keepFiringSince = 0
      else if (!keepsFiring(alert, at, keepFiringMs)) {
        this.#end(key, alert, at)
        continue
      }
      active++
      if (alert.state === 'pending' && at - alert.activeAt >= forMs) {
        alert.state = 'firing'
        alert.firedAt = at
      } else if (alert.state === 'firing' && at - alert.activeAt < forMs) {
        // The rule was changed: it has to hold longer.
        Object.assign(alert, { state: 'pending', firedAt: 0, lastSentAt: 0, keepFiringSince: 0 })
      }
    }
    if (limit === 0 || active <= limit) return
    this.#alerts.clear()
    throw new Error(`exceeded limit of ${limit} with ${active} alerts`)
  }

  /** Those to be sent now, which count as sent then. `resendMs`: how long before one is sent again. */
  due(at: number, resendMs: number, intervalMs: number): readonly Alert[] {
    const due = [...this.#alerts.values()].filter((alert) => needsSending(alert, at, resendMs))
    for (const alert of due) {
      alert.lastSentAt = at
      // Time for two evaluations to be missed, or two notifications.
      alert.validUntil = at + 4 * Math.max(intervalMs, resendMs)
    }
    return due
  }

  #take(found: readonly FoundAlert[], at: number): ReadonlySet<string> {
    const seen = new Set<string>()
    for (const each of found) {
      const key = labelsKey(each.labels)
      if (seen.has(key))
        throw new Error(
          `two results have the labels ${key} once the labels of the rule are added: keep those that tell them apart`,
        )
      seen.add(key)
    }
    for (const each of found) {
      const key = labelsKey(each.labels)
      const known = this.#alerts.get(key)
      if (known === undefined || known.resolvedAt !== 0) this.#alerts.set(key, newAlert(each, at))
      else Object.assign(known, { value: each.value, annotations: each.annotations })
    }
    return seen
  }

  #end(key: string, alert: Alert, at: number): void {
    const over = alert.resolvedAt !== 0 && at - alert.resolvedAt > RESOLVED_KEPT_MS
    if (alert.state === 'pending' || over) this.#alerts.delete(key)
    else if (alert.resolvedAt === 0) Object.assign(alert, { state: 'inactive', resolvedAt: at })
  }
}

function keepsFiring(alert: Alert, at: number, keepFiringMs: number): boolean {
  if (alert.state !== 'firing' || keepFiringMs === 0) return false
  if (alert.keepFiringSince === 0) alert.keepFiringSince = at
  return at - alert.keepFiringSince < keepFiringMs
}

function needsSending({ state, resolvedAt, lastSentAt }: Alert, at: number, resendMs: number): boolean {
  if (state === 'pending') return false
  return resolvedAt > lastSentAt || lastSentAt + resendMs < at
}
