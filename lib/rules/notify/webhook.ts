/**
 * A webhook as a destination of alerts, in the shape that Alertmanager's receivers get
 * (https://prometheus.io/docs/alerting/latest/configuration/#webhook_config, version 4). Without an Alertmanager between,
 * an alert is told once when it fires, once when it is resolved, and again every few hours while it fires.
 */
import { createHash } from 'node:crypto'
import type { Labels } from '../rule.ts'
import type { HttpPost, PostOutcome } from './http-post.ts'
import type { Notification } from './notification.ts'
import type { Destination } from './outbox.ts'

export interface WebhookSettings {
  readonly post: HttpPost
  readonly externalUrl: string
  /** Time before a firing alert is told again, in milliseconds. */
  readonly repeatMs: number
  /** Milliseconds since 1970. */
  readonly now: () => number
}

interface Told {
  readonly resolved: boolean
  readonly startsAt: number
  readonly at: number
}

export function webhook({ post, externalUrl, repeatMs, now }: WebhookSettings): Destination {
  const told = new Map<string, Told>()
  return {
    name: post.name,
    wants: ({ key, resolved, startsAt }) => {
      const last = told.get(key)
      if (resolved) return last !== undefined && !last.resolved
      return last === undefined || last.resolved || last.startsAt !== startsAt || now() - last.at >= repeatMs
    },
    send: async (batch) => {
      let outcome: PostOutcome = { ok: true }
      for (const group of byName(batch)) {
        const sent = await post.send(payload(group, post.name, externalUrl))
        if (!sent.ok && !sent.final) return sent
        if (!sent.ok) outcome = sent
        for (const { key, resolved, startsAt } of group) told.set(key, { resolved, startsAt, at: now() })
      }
      for (const [key, { resolved, at }] of told) if (resolved && now() - at > repeatMs) told.delete(key)
      return outcome
    },
    close: () => post.close(),
  }
}

function byName(batch: readonly Notification[]): readonly (readonly Notification[])[] {
  const groups = new Map<string, Notification[]>()
  for (const each of batch) {
    const name = each.labels['alertname'] ?? ''
    groups.set(name, [...(groups.get(name) ?? []), each])
  }
  return [...groups.values()]
}

function payload(group: readonly Notification[], receiver: string, externalURL: string): object {
  const alertname = group[0]!.labels['alertname'] ?? ''
  return {
    version: '4',
    groupKey: `{}:{alertname=${JSON.stringify(alertname)}}`,
    truncatedAlerts: 0,
    status: group.some(({ resolved }) => !resolved) ? 'firing' : 'resolved',
    receiver,
    groupLabels: { alertname },
    commonLabels: common(group.map(({ labels }) => labels)),
    commonAnnotations: common(group.map(({ annotations }) => annotations)),
    externalURL,
    alerts: group.map(({ key, labels, annotations, startsAt, endsAt, resolved, generatorUrl }) => ({
      status: resolved ? 'resolved' : 'firing',
      labels,
      annotations,
      startsAt: new Date(startsAt).toISOString(),
      // Go's zero time: it isn't over.
      endsAt: resolved ? new Date(endsAt).toISOString() : '0001-01-01T00:00:00Z',
      generatorURL: generatorUrl,
      fingerprint: createHash('sha256').update(key).digest('hex').slice(0, 16),
    })),
  }
}

function common(all: readonly Labels[]): Labels {
  const [first = {}, ...others] = all
  return Object.fromEntries(
    Object.entries(first).filter(([name, value]) => others.every((other) => other[name] === value)),
  )
}
