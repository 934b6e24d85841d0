/**
 * `/-/healthy`, fit for a liveness probe: it fails only for what a restart may mend. A Loki that is down isn't; being
 * restarted for it would only add to the trouble. (Alloy answers 500 as soon as any component is unhealthy.)
 */
import { formatDuration } from '../go/duration.ts'
import type { ComponentInfo } from '../run/supervise/component-info.ts'

/** Units that were read, and those of them that haven't ended. */
export interface Account {
  readonly read: number
  readonly inFlight: number
}

/** Returns the status and what is wrong, one line each. */
export function healthAnswer(
  components: readonly ComponentInfo[],
  account: Account,
): { readonly status: number; readonly body: string } {
  const sick = components.filter(({ health }) => health.state === 'unhealthy')
  const lines = sick.map(sentence)
  if (account.inFlight < 0)
    lines.push(`the account does not add up: ${-account.inFlight} more lines have ended than were read`)
  if (lines.length === 0) return { status: 200, body: 'All logstream components are healthy.' }
  const mendable = account.inFlight < 0 || sick.some(({ health }) => health.dead)
  return { status: mendable ? 500 : 200, body: lines.join('\n') }
}

function sentence({ fullId, health: { dead, since, message } }: ComponentInfo): string {
  const seconds = Math.max(0, Math.round((Date.now() - since) / 1000))
  const time = formatDuration(seconds * 1e9)
  return `${fullId} ${dead ? `died ${time} ago` : `has been unhealthy for ${time}`}: ${message}`
}
