/** Where every line has gone: read = delivered + spooled + dropped + dead letters + in flight. */
import { useEffect } from 'preact/hooks'
import type { LedgerNote, LedgerRow } from '../../lib/flow/ledger.ts'
import { grouped } from '../numbers.ts'
import { Endpoints } from '../parts/endpoints.tsx'
import { follow, viewAddress } from '../location.ts'
import { status } from '../status.ts'
import { visible } from '../text/visible.ts'
import { DeadLetters } from './dead-letters.tsx'
import { LedgerFlow } from './flow.tsx'
import { keepHistory } from './history.ts'
import { MetricCharts } from './metrics.tsx'
import { Spans, Throughput } from './throughput.tsx'

const STATES = [
  { state: 'delivered', name: 'delivered', bad: false },
  { state: 'spooled', name: 'spooled', bad: false },
  { state: 'dropped', name: 'dropped', bad: false },
  { state: 'dead_lettered', name: 'dead letters', bad: true },
] as const

export function Account() {
  useEffect(keepHistory, [])
  return (
    <div class="sheet">
      <h1>Account</h1>
      <p class="soft">
        Every line that was read is delivered, kept in the spool, dropped for a reason, set aside as a dead
        letter, or still on its way. Counted since the process started.
      </p>
      <Figures />
      <LedgerFlow />
      <Ends />
      <Notes />
      <h2>Spool and endpoints</h2>
      <Sinks />
      <h2>Dead letters</h2>
      <DeadLetters />
      <Spans />
      <Throughput />
      <MetricCharts />
    </div>
  )
}

function shareOf(units: number): string {
  const { read } = status.value!.ledger
  return read === 0 ? '' : `${((100 * units) / read).toFixed(units === read ? 0 : 2)} %`
}

function Figures() {
  const { ledger } = status.value!
  const total = (state: LedgerRow['state']): number =>
    ledger.rows.reduce((sum, row) => (row.state === state ? sum + row.units : sum), 0)
  return (
    <dl class="figures">
      <Figure name="read" units={ledger.read} note="" />
      {STATES.map(({ state, name, bad }) => (
        <Figure
          key={state}
          name={name}
          units={total(state)}
          note={shareOf(total(state))}
          bad={bad && total(state) > 0}
        />
      ))}
      <Figure name="in flight" units={ledger.inFlight} note="" />
    </dl>
  )
}

function Ends() {
  const ends = status
    .value!.ledger.rows.filter(({ state }) => state === 'dropped' || state === 'dead_lettered')
    .toSorted((a, b) => b.units - a.units)
  return (
    <>
      <h2>Why lines did not arrive</h2>
      {ends.length === 0 ? (
        <p class="soft">All of them arrived, or are on their way.</p>
      ) : (
        <table>
          <thead>
            <tr>
              <th>End</th>
              <th>Reason</th>
              <th class="number">Lines</th>
              <th class="number">Share</th>
            </tr>
          </thead>
          <tbody>
            {ends.map(({ state, reason, units }) => (
              <tr key={`${state} ${reason}`}>
                <td>{state === 'dropped' ? 'dropped' : 'dead letter'}</td>
                <td class="mono">{visible(reason)}</td>
                <td class="number">{grouped(units)}</td>
                <td class="number">{shareOf(units)}</td>
              </tr>
            ))}
          </tbody>
        </table>
      )}
    </>
  )
}

function Sinks() {
  const sinks = status.value!.components.filter(({ endpoints }) => endpoints.length > 0)
  if (sinks.length === 0) return <p class="soft">No component of the config sends over a network.</p>
  return (
    <div class="sinks">
      {sinks.map(({ fullId, endpoints }) => (
        <section key={fullId} aria-label={fullId}>
          <a class="mono" href={viewAddress('pipeline', { component: fullId })} onClick={follow}>
            {fullId}
          </a>
          <Endpoints endpoints={endpoints} />
        </section>
      ))}
    </div>
  )
}

const NOTES: readonly (readonly [note: LedgerNote, bad: boolean, says: string])[] = [
  ['adopted', false, 'entries of an earlier run, sent from its spool'],
  ['torn', true, 'entries of a damaged spool file, lost'],
  ['unsaved', true, 'entries of the spool that Loki refused and the dead letters had no room for'],
  ['skipped', true, 'bytes of files that were gone before they could be read'],
]

/** What the sum above can't hold. */
function Notes() {
  const { notes } = status.value!.ledger
  const shown = NOTES.filter(([note]) => notes[note] > 0)
  if (shown.length === 0) return null
  return (
    <>
      <h2>Beside the lines read</h2>
      <table>
        <tbody>
          {shown.map(([note, bad, says]) => (
            <tr key={note}>
              <td class={bad ? 'number bad' : 'number'}>{grouped(notes[note])}</td>
              <td>{says}</td>
            </tr>
          ))}
        </tbody>
      </table>
    </>
  )
}

interface FigureProps {
  readonly name: string
  readonly units: number
  readonly note: string
  readonly bad?: boolean
}

function Figure({ name, units, note, bad = false }: FigureProps) {
  return (
    <div>
      <dt>{name}</dt>
      <dd class={bad ? 'bad' : undefined}>
        {grouped(units)} <small>{note}</small>
      </dd>
    </div>
  )
}
