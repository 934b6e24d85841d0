/** Where every line has gone: read = delivered + spooled + dropped + dead letters + in flight. */
import type { LedgerNote, LedgerRow } from '../../lib/flow/ledger.ts'
import { grouped } from '../numbers.ts'
import { status } from '../status.ts'

const STATES = [
  { state: 'delivered', name: 'delivered', bad: false },
  { state: 'spooled', name: 'spooled', bad: false },
  { state: 'dropped', name: 'dropped', bad: false },
  { state: 'dead_lettered', name: 'dead letters', bad: true },
] as const

export function Account() {
  const ledger = status.value!.ledger
  const total = (state: LedgerRow['state']): number =>
    ledger.rows.reduce((sum, row) => (row.state === state ? sum + row.units : sum), 0)
  const share = (units: number): string =>
    ledger.read === 0 ? '' : `${((100 * units) / ledger.read).toFixed(units === ledger.read ? 0 : 2)} %`
  const ends = ledger.rows
    .filter(({ state }) => state === 'dropped' || state === 'dead_lettered')
    .toSorted((a, b) => b.units - a.units)
  return (
    <div class="sheet">
      <h1>Account</h1>
      <p class="soft">
        Every line that was read is delivered, kept in the spool, dropped for a reason, set aside as a dead
        letter, or still on its way. Counted since the process started.
      </p>
      <dl class="figures">
        <Figure name="read" units={ledger.read} note="" />
        {STATES.map(({ state, name, bad }) => (
          <Figure
            key={state}
            name={name}
            units={total(state)}
            note={share(total(state))}
            bad={bad && total(state) > 0}
          />
        ))}
        <Figure name="in flight" units={ledger.inFlight} note="" />
      </dl>
      <Flow read={ledger.read} inFlight={ledger.inFlight} total={total} />
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
                <td class="mono">{reason}</td>
                <td class="number">{grouped(units)}</td>
                <td class="number">{share(units)}</td>
              </tr>
            ))}
          </tbody>
        </table>
      )}
      <Notes />
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

function Figure({
  name,
  units,
  note,
  bad = false,
}: {
  name: string
  units: number
  note: string
  bad?: boolean
}) {
  return (
    <div>
      <dt>{name}</dt>
      <dd class={bad ? 'bad' : undefined}>
        {grouped(units)} <small>{note}</small>
      </dd>
    </div>
  )
}

interface FlowProps {
  readonly read: number
  readonly inFlight: number
  readonly total: (state: LedgerRow['state']) => number
}

/** The same as one bar, so that shares can be seen. */
function Flow({ read, inFlight, total }: FlowProps) {
  if (read === 0) return null
  const parts = [
    ...STATES.map(({ state, name }) => ({ key: state, name, units: total(state) })),
    { key: 'flight', name: 'in flight', units: inFlight },
  ]
  return (
    <div class="flowbar" aria-hidden="true">
      {parts
        .filter(({ units }) => units > 0)
        .map(({ key, name, units }) => (
          <span
            key={key}
            class={key}
            title={`${name}: ${grouped(units)}`}
            style={{ flexGrow: units / read }}
          />
        ))}
    </div>
  )
}
