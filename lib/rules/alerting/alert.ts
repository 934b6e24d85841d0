/** One alert: a label set for which the expression of a rule held, and what has become of it. Times in milliseconds. */
import type { Labels } from '../rule.ts'

export type AlertState = 'inactive' | 'pending' | 'firing'

export interface Alert {
  readonly labels: Labels
  annotations: Labels
  state: AlertState
  /** Of the expression, at the last evaluation for which it held. */
  value: number
  /** Since when the expression holds. */
  readonly activeAt: number
  /** 0: it hasn't fired. */
  firedAt: number
  /** 0: it is active. */
  resolvedAt: number
  /** 0: never. */
  lastSentAt: number
  /** Until when Alertmanager takes it for active without news. */
  validUntil: number
  /** Since when it fires only because of keep_firing_for; 0: it doesn't. */
  keepFiringSince: number
}

/** A label set for which the expression holds now. */
export interface FoundAlert {
  readonly labels: Labels
  readonly annotations: Labels
  readonly value: number
}

export function newAlert({ labels, annotations, value }: FoundAlert, at: number): Alert {
  return {
    labels,
    annotations,
    value,
    state: 'pending',
    activeAt: at,
    firedAt: 0,
    resolvedAt: 0,
    lastSentAt: 0,
    validUntil: 0,
    keepFiringSince: 0,
  }
}
