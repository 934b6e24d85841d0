/** What is wrong, in words, on every view: no answer, a failed reload, components that are ill. */
import { ago } from '../numbers.ts'
import { follow, viewAddress } from '../location.ts'
import { sick, silence, status } from '../status.ts'

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
              <strong>The last reload failed</strong>, {ago((Date.now() - failed.at) / 1000)} ago; the config
              from before it still runs.
            </summary>
            <pre>{failed.message}</pre>
          </details>
        </div>
      )}
      {sick.value.length === 0 ? null : (
        <div class="banner bad" role="alert">
          <ul>
            {sick.value.map(({ fullId, health }) => (
              <li key={fullId}>
                <a href={viewAddress('pipeline', { component: fullId })} onClick={follow}>
                  {fullId}
                </a>{' '}
                is unhealthy: {health.message}
              </li>
            ))}
          </ul>
        </div>
      )}
    </>
  )
}
