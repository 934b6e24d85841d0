/** What is wrong, in words, on every view: no answer, a failed reload, components that are ill. */
import type { ComponentStatus } from '../../lib/page/status.ts'
import { follow, viewAddress } from '../location.ts'
import { ago, clock } from '../numbers.ts'
import { sick, silence, status } from '../status.ts'
import { visible } from '../text/visible.ts'

export function Banner() {
  const now = status.value
  const failed = now?.failedReload
  if (silence.value !== undefined)
    return (
      <div class="banner bad" role="alert">
        <p>
          <strong>logstream doesn’t answer.</strong> {silence.value} What you see is from before; it’s asked
          again every two seconds.
        </p>
      </div>
    )
  return (
    <>
      {failed === undefined ? null : (
        <div class="banner bad" role="alert">
          <details>
            <summary>
              <strong>The last reload failed</strong> at {clock(failed.at)} (
              {ago((Date.now() - failed.at) / 1000)} ago); the config from before it still runs.
            </summary>
            <pre>{failed.message}</pre>
          </details>
        </div>
      )}
      {sick.value.length === 0 ? null : (
        <div class="banner bad" role="alert">
          <ul>
            {sick.value.map((component) => (
              <li key={component.fullId}>
                <a href={viewAddress('pipeline', { component: component.fullId })} onClick={follow}>
                  {component.fullId}
                </a>{' '}
                {component.health.dead ? 'has died' : 'is unhealthy'} since {clock(sinceOf(component))} (
                {ago((Date.now() - sinceOf(component)) / 1000)}): {visible(component.health.message)}
              </li>
            ))}
          </ul>
        </div>
      )}
    </>
  )
}

// An endpoint knows since when it takes nothing; a component is called unhealthy only some seconds after that.
function sinceOf({ health, endpoints }: ComponentStatus): number {
  return Math.min(health.since, ...endpoints.map(({ failingSince }) => failingSince ?? Infinity))
}
