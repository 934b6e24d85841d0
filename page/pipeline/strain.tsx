/** What is wrong with the flow of a component, as shapes and words beside the colours, and the legend that explains them. */
import type { ComponentStatus } from '../../lib/page/status.ts'
import { ago, counted, short, size } from '../numbers.ts'
import { strains } from '../status.ts'

/** From these shares of the time on, a component waits too much for what follows it. */
const SLOW = 0.5
const BLOCKED = 0.95

export type Flow = 'free' | 'slow' | 'blocked'

export function flowOf(waits: number): Flow {
  return waits >= BLOCKED ? 'blocked' : waits >= SLOW ? 'slow' : 'free'
}

export interface Badge {
  readonly kind: 'spool' | 'drops'
  readonly text: string
  readonly title: string
}

/** What the node of a component carries: a spool that isn't empty, and drops. */
export function badgesOf({ fullId, dropped, endpoints }: ComponentStatus): readonly Badge[] {
  const spooled = endpoints.reduce((sum, { spoolEntries }) => sum + spoolEntries, 0)
  const bytes = endpoints.reduce((sum, { spoolBytes }) => sum + spoolBytes, 0)
  const since = Math.min(...endpoints.map(({ spoolSince }) => spoolSince ?? Infinity))
  const perSecond = strains.value.get(fullId)?.drops ?? 0
  const badges: Badge[] = []
  if (spooled > 0)
    badges.push({
      kind: 'spool',
      text: `▤ ${short(spooled)} on disk`,
      title: `${counted(spooled, 'entry', 'entries')} (${size(bytes)}) in the spool, the oldest for ${ago((Date.now() - since) / 1000)}.`,
    })
  if (dropped > 0)
    badges.push({
      kind: 'drops',
      text: `▾ ${short(dropped)} dropped`,
      title: `${counted(dropped, 'entry', 'entries')} dropped, ${short(perSecond)} a second now.`,
    })
  return badges
}

export function Legend() {
  return (
    <ul class="graph-legend" aria-label="Legend">
      <li>
        <Line kind="flows" /> entries flow
      </li>
      <li>
        <Line kind="slow" /> slow: waits over half the time for what follows
      </li>
      <li>
        <Line kind="blocked" /> blocked: waits all the time
      </li>
      <li>
        <Line kind="value" /> takes values
      </li>
      <li>
        <i class="mark spool">▤</i> waits on disk
      </li>
      <li>
        <i class="mark drops">▾</i> dropped since the start
      </li>
    </ul>
  )
}

function Line({ kind }: { kind: string }) {
  return (
    <svg width="30" height="8" class={`edge ${kind}`} aria-hidden="true">
      <path d="M1 4H29" />
    </svg>
  )
}
