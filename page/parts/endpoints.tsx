/** The addresses that a sink delivers to: how each does and since when, and what waits for it. */
import type { EndpointFlow } from '../../lib/page/status.ts'
import { ago, clock, counted, size } from '../numbers.ts'
import { visible } from '../text/visible.ts'

const STATES: Readonly<Record<EndpointFlow['state'], string>> = {
  up: 'takes entries',
  slowed: 'asks for less',
  retrying: 'the last push failed',
  down: 'takes nothing',
}

export function Endpoints({ endpoints }: { endpoints: readonly EndpointFlow[] }) {
  return (
    <ul class="endpoints">
      {endpoints.map((each) => (
        <li key={`${each.name} ${each.url}`}>
          <span class="mono">{visible(each.url)}</span>
          <dl class="facts">
            <dt>State</dt>
            <dd>
              <span class={each.state === 'up' ? 'good' : 'bad'}>{STATES[each.state]}</span>
              {each.failingSince === undefined
                ? null
                : ` since ${clock(each.failingSince)} (${lasting(each.failingSince)})`}
            </dd>
            {each.lastError === '' ? null : (
              <>
                <dt>{each.failingSince === undefined ? 'Last error' : 'Why'}</dt>
                <dd>{visible(each.lastError)}</dd>
              </>
            )}
            <dt>Queue</dt>
            <dd>{each.queuedBytes === 0 ? 'empty' : size(each.queuedBytes)}</dd>
            <dt>Spool</dt>
            <dd>
              {each.spoolEntries === 0
                ? 'empty'
                : `${counted(each.spoolEntries, 'entry', 'entries')}, ${size(each.spoolBytes)}`}
              {each.spoolSince === undefined ? null : `, the oldest for ${lasting(each.spoolSince)}`}
            </dd>
          </dl>
        </li>
      ))}
    </ul>
  )
}

function lasting(since: number): string {
  return ago((Date.now() - since) / 1000)
}
