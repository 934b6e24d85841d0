/** A list of entries; each opens to show its labels. */
import { useSignal } from '@preact/signals'
import type { FailedEntry } from '../../lib/admin/failures/messages.ts'
import { lineTime } from '../explore/times.ts'
import { grouped } from '../numbers.ts'
import { LineText } from '../text/line-text.tsx'
import { visible } from '../text/visible.ts'

const STEP = 20

export function EntryList({ entries }: { entries: readonly FailedEntry[] }) {
  const count = useSignal(STEP)
  return (
    <>
      <ol class="entry-list">
        {entries.slice(0, count.value).map((entry, i) => (
          <EntryRow key={i} entry={entry} />
        ))}
      </ol>
      {entries.length > count.value ? (
        <button type="button" class="tiny" onClick={() => (count.value += 5 * STEP)}>
          More of {grouped(entries.length)}
        </button>
      ) : null}
    </>
  )
}

function EntryRow({
  entry: { line, labels, structured_metadata: metadata = {}, timestamp },
}: {
  entry: FailedEntry
}) {
  return (
    <li>
      <details>
        <summary>
          {timestamp === undefined ? null : <time>{lineTime(Number(timestamp.slice(0, -6)), true)}</time>}
          <span class="text">
            <LineText text={line} searched={[]} />
          </span>
        </summary>
        <p class="mono labels">
          {[...Object.entries(labels), ...Object.entries(metadata)].map(([name, value]) => (
            <span key={name}>
              {visible(name)}=<b>{visible(value.slice(0, 500))}</b>
            </span>
          ))}
        </p>
      </details>
    </li>
  )
}
