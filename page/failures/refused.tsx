/** Dead letters: entries that Loki refused for good, by its reason. */
import type { RefusedEntry } from '../../lib/admin/failures/messages.ts'
import { grouped } from '../numbers.ts'
import { Icon } from '../parts/icon.tsx'
import { visible } from '../text/visible.ts'
import { asked, openGroup } from './asked.ts'
import { EntryList } from './entry-list.tsx'
import { MOST, phase, refused } from './found.ts'

/** What the reasons mean, and what helps. */
const WORDS: Readonly<Record<string, string>> = {
  line_too_long: 'The line is longer than Loki takes: raise max_line_size there, or add stage.truncate.',
  too_far_in_future: 'The time is ahead of Loki’s clock: look at stage.timestamp and its location.',
  greater_than_max_sample_age:
    'The entry was too old when it arrived. Replay it with --now, or raise reject_old_samples_max_age.',
  too_far_behind: 'Newer entries of the same stream were there already. Replay it with --now.',
  max_label_names_per_series: 'There are too many labels: move some to structured metadata.',
  label_name_too_long: 'The name of a label is too long.',
  label_value_too_long: 'A value like this belongs into structured metadata.',
  duplicate_label_names: 'Two labels have the same name.',
  invalid_labels: 'The labels are ones that Loki doesn’t take.',
  structured_metadata: 'There is too much structured metadata, or Loki has it switched off.',
  too_large: 'The push was too large, even with this entry alone.',
}

interface Reasons {
  readonly key: string
  readonly name: string
  readonly component: string
  readonly entries: readonly RefusedEntry[]
}

export function Refused() {
  const now = refused.value
  if (now === undefined) return phase.value === 'asking' ? <p class="empty">Asking…</p> : null
  if (now.entries.length === 0)
    return (
      <div class="empty">
        <p>
          <strong>No dead letters.</strong>
        </p>
        <p>Entries that Loki refuses for good are kept here with its reason.</p>
      </div>
    )
  return (
    <>
      <p class="soft" role="status">
        {now.more ? `The newest ${grouped(MOST)}` : grouped(now.entries.length)} dead{' '}
        {now.entries.length === 1 ? 'letter that was' : 'letters that were'} not sent again. See them all with{' '}
        <code>logstream dlq</code>, which can send them once more.
      </p>
      <ul class="failure-groups">
        {byReason(now.entries).map((group) => (
          <Group key={group.key} group={group} />
        ))}
      </ul>
    </>
  )
}

function Group({ group: { key, name, component, entries } }: { group: Reasons }) {
  const open = asked.value.group === key
  const [newest] = entries
  return (
    <li class={open ? 'failure-group open' : 'failure-group'}>
      <button type="button" class="group-head" aria-expanded={open} onClick={() => openGroup(key)}>
        <Icon name={open ? 'down' : 'right'} />
        <span class="number count">{grouped(entries.length)}</span>
        <span class="reason">
          <span class="why">
            <code>{name}</code> {WORDS[name] ?? ''}
          </span>
          <span class="soft mono where">{component}</span>
          <span class="soft mono sample">
            {newest!.status} {visible(newest!.reason.slice(0, 300))}
          </span>
        </span>
      </button>
      {open ? (
        <div class="group-body">
          <EntryList entries={entries} />
        </div>
      ) : null}
    </li>
  )
}

function byReason(entries: readonly RefusedEntry[]): Reasons[] {
  const groups = new Map<string, RefusedEntry[]>()
  for (const entry of entries) {
    const key = `${entry.component} ${entry.name}`
    const group = groups.get(key)
    if (group === undefined) groups.set(key, [entry])
    else group.push(entry)
  }
  return [...groups]
    .map(([key, of]) => ({ key, name: of[0]!.name, component: of[0]!.component, entries: of }))
    .sort((a, b) => b.entries.length - a.entries.length)
}
