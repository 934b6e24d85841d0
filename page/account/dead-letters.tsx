/** Lines that were refused for good: how many and why, and sending them again, which asks first. */
import { signal, useSignal, useSignalEffect } from '@preact/signals'
import { useRef } from 'preact/hooks'
import type { LettersStatus, ReplayOutcome } from '../../lib/page/dead-letters.ts'
import { follow, viewAddress } from '../location.ts'
import { ago, counted, grouped, size } from '../numbers.ts'
import { askJson, messageOf } from '../server.ts'
import { status } from '../status.ts'
import { visible } from '../text/visible.ts'

const letters = signal<readonly LettersStatus[]>([])
const failed = signal('')

async function refresh(): Promise<void> {
  try {
    letters.value = await askJson<readonly LettersStatus[]>('api/v0/logstream/dead-letters')
    failed.value = ''
  } catch (error) {
    failed.value = messageOf(error)
  }
}

export function DeadLetters() {
  // Files on disk are looked at when something has come into them, not every other second.
  const filed = status
    .value!.ledger.rows.filter(({ state }) => state === 'dead_lettered')
    .reduce((sum, { units }) => sum + units, 0)
  const seen = useSignal(-1)
  seen.value = filed
  useSignalEffect(() => {
    void seen.value
    void refresh()
  })
  if (failed.value !== '') return <p class="mistake">{failed.value}</p>
  if (letters.value.length === 0) return <p class="soft">There are none.</p>
  return (
    <>
      {letters.value.map((each) => (
        <Letters key={each.component} of={each} />
      ))}
    </>
  )
}

function Letters({ of }: { of: LettersStatus }) {
  const { component, letters: count, waiting, bytes, since, reasons } = of
  return (
    <section class="letters" aria-label={`Dead letters of ${component}`}>
      <header>
        <a class="mono" href={viewAddress('pipeline', { component })} onClick={follow}>
          {component}
        </a>
        <span>
          {counted(waiting, 'waits', 'wait')}
          {since === undefined ? '' : `, the oldest for ${ago((Date.now() - since) / 1000)}`}
        </span>
        <span class="soft">
          {grouped(count)} on disk, {size(bytes)}
        </span>
        <span class="grow" />
        {waiting === 0 ? null : <Replay of={of} />}
      </header>
      {reasons.length === 0 ? null : (
        <table>
          <thead>
            <tr>
              <th class="number">Entries</th>
              <th class="number">Status</th>
              <th>Why</th>
            </tr>
          </thead>
          <tbody>
            {reasons.map(({ status: code, reason, letters: entries, example }) => (
              <tr key={`${code} ${reason}`} title={visible(example)}>
                <td class="number">{grouped(entries)}</td>
                <td class="number">{code === 0 ? 'not sent' : code}</td>
                <td>{visible(reason)}</td>
              </tr>
            ))}
          </tbody>
        </table>
      )}
    </section>
  )
}

function Replay({ of: { component, waiting, stuck } }: { of: LettersStatus }) {
  const box = useRef<HTMLDialogElement>(null)
  const now = useSignal(false)
  const said = useSignal('')
  const busy = useSignal(false)
  const refused = stuck ?? status.value?.actionsRefused
  const send = async (): Promise<void> => {
    box.current!.close()
    busy.value = true
    said.value = 'sending…'
    try {
      const asked = new URLSearchParams({ component, ...(now.value ? { now: '1' } : {}) })
      const outcome = await askJson<ReplayOutcome>(`api/v0/logstream/dead-letters/replay?${asked}`, {
        method: 'POST',
      })
      said.value = sentence(outcome)
      await refresh()
    } catch (error) {
      said.value = messageOf(error)
    } finally {
      busy.value = false
    }
  }
  if (refused !== undefined) return <span class="soft">{refused}</span>
  return (
    <>
      <span role="status">{said.value}</span>
      <button type="button" disabled={busy.value} onClick={() => box.current!.showModal()}>
        Send again…
      </button>
      <dialog ref={box} aria-label="Send again">
        <p>
          <strong>
            Send {counted(waiting, 'entry', 'entries')} of {component} again?
          </strong>
        </p>
        <p>
          They go to where they were refused, 20,000 at a time. What is refused again is counted and stays in
          its file.
        </p>
        <label>
          <input
            type="checkbox"
            checked={now.value}
            onChange={(event) => (now.value = event.currentTarget.checked)}
          />{' '}
          With the present time, for entries that were too old; the original one goes to structured metadata.
        </label>
        <p class="dialog-buttons">
          <button type="button" onClick={() => box.current!.close()}>
            Cancel
          </button>
          <button type="button" class="main" onClick={() => void send()}>
            Send
          </button>
        </p>
      </dialog>
    </>
  )
}

function sentence({ delivered, refused, unsent, left, why }: ReplayOutcome): string {
  const parts = [`${grouped(delivered)} delivered`]
  if (refused > 0) parts.push(`${grouped(refused)} refused again`)
  if (unsent > 0)
    parts.push(`${grouped(unsent)} could not be sent${why === undefined ? '' : `: ${visible(why)}`}`)
  if (left > 0 && left !== unsent) parts.push(`${grouped(left)} still wait`)
  return parts.join(', ')
}
