/** An alert as it is sent. */
import type { Alert } from '../alerting/alert.ts'
import { exploreUrl } from '../alerting/template-functions.ts'
import { labelsKey, sorted, type Labels, type Rule } from '../rule.ts'

export interface Notification {
  /** The same for all notifications of an alert. */
  readonly key: string
  readonly labels: Labels
  readonly annotations: Labels
  /** Milliseconds of Unix time. */
  readonly startsAt: number
  /** When it was resolved, or until when it counts as active without news. */
  readonly endsAt: number
  readonly resolved: boolean
  readonly generatorUrl: string
}

/** External labels don't replace those of the alert. */
export function notificationOf(
  alert: Alert,
  rule: Rule,
  { externalLabels, externalUrl }: { readonly externalLabels: Labels; readonly externalUrl: string },
): Notification {
  const labels = sorted({ ...externalLabels, ...alert.labels })
  const resolved = alert.resolvedAt !== 0
  return {
    key: labelsKey(labels),
    labels,
    annotations: alert.annotations,
    startsAt: alert.firedAt,
    endsAt: resolved ? alert.resolvedAt : alert.validUntil,
    resolved,
    generatorUrl: exploreUrl(externalUrl, rule.text),
  }
}
