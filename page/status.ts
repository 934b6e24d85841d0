/** What the process says of itself, asked every two seconds while the page can be seen. */
import { batch, computed, signal } from '@preact/signals'
import type { ComponentStatus, PageStatus } from '../lib/page/status.ts'
import { askJson, messageOf } from './server.ts'

const EVERY_MS = 2000

/** The last answer; `undefined` before the first. */
export const status = signal<PageStatus | undefined>(undefined)

/** Why there's no newer answer; `undefined` when all is well. */
export const silence = signal<string | undefined>(undefined)

/** Entries a second that a component has handed on between the last two answers, by full id. */
export const rates = signal<ReadonlyMap<string, number>>(new Map())

/** What holds a component's lines up or ends them, as far as the last two answers tell. */
export interface Strain {
  /** The share of the time, from 0 to 1, that each of `forwardTo` kept it waiting. */
  readonly waits: readonly number[]
  /** Entries dropped a second. */
  readonly drops: number
}

export const strains = signal<ReadonlyMap<string, Strain>>(new Map())

export const sick = computed(
  () => status.value?.components.filter(({ health }) => health.state === 'unhealthy') ?? [],
)

/** Asks now, and again and again. */
export async function watchStatus(): Promise<void> {
  if (!document.hidden) await refresh()
  setTimeout(() => void watchStatus(), EVERY_MS)
}

async function refresh(): Promise<void> {
  try {
    const next = await askJson<PageStatus>('api/v0/logstream/status')
    const before = status.peek()
    batch(() => {
      if (before !== undefined) {
        rates.value = ratesBetween(before, next)
        strains.value = strainsBetween(before, next)
      }
      status.value = next
      silence.value = undefined
    })
  } catch (error) {
    silence.value = messageOf(error)
  }
}

function ratesBetween(before: PageStatus, next: PageStatus): ReadonlyMap<string, number> {
  const sent = new Map(before.components.map((each) => [each.fullId, each.sent]))
  const seconds = Math.max(0.001, (next.now - before.now) / 1000)
  // A component that was replaced counts from zero again.
  const rate = ({ fullId, sent: now }: ComponentStatus): number =>
    Math.max(0, now - (sent.get(fullId) ?? now)) / seconds
  return new Map(next.components.map((each) => [each.fullId, rate(each)]))
}

function strainsBetween(before: PageStatus, next: PageStatus): ReadonlyMap<string, Strain> {
  const earlier = new Map(before.components.map((each) => [each.fullId, each]))
  const ms = Math.max(1, next.now - before.now)
  return new Map(
    next.components.map(({ fullId, forwardTo, waitedMs, dropped }) => {
      const was = earlier.get(fullId)
      const waits = forwardTo.map((to, i) => {
        const at = was?.forwardTo.indexOf(to) ?? -1
        const waited = at < 0 ? 0 : waitedMs[i]! - was!.waitedMs[at]!
        return Math.min(1, Math.max(0, waited / ms))
      })
      const drops = (Math.max(0, dropped - (was?.dropped ?? dropped)) * 1000) / ms
      return [fullId, { waits, drops }]
    }),
  )
}
