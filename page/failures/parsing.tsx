/** Entries that weren't parsed, in groups: how many, where they failed, and a stage to edit. */
import type { ExplainAnswer, FailedEntry, FailureGroup } from '../../lib/admin/failures/messages.ts'
import { grouped } from '../numbers.ts'
import { Icon } from '../parts/icon.tsx'
import { Steps } from '../steps/steps.tsx'
import { visible } from '../text/visible.ts'
import { asked, openGroup } from './asked.ts'
import { EntryList } from './entry-list.tsx'
import { found, MOST, phase, type Found } from './found.ts'
import { Reason } from './reason.tsx'
import { Trial } from './stage-trial.tsx'

export function Parsing() {
  const now = found.value
  if (now === undefined) return phase.value === 'asking' ? <p class="empty">Asking…</p> : null
  if (now.entries.length === 0)
    return (
      <div class="empty">
        <p>
          <strong>No failures in this time.</strong>
        </p>
        <p>
          Entries that {visible(asked.value.selector)} selects count as failed
          {now.from === undefined ? '; the process remembers the last thousand of them' : ''}.
        </p>
      </div>
    )
  return (
    <>
      <Counts found={now} />
      <GroupList groups={now.answer.groups} entries={now.entries} />
    </>
  )
}

function Counts({ found: { from, entries, more, answer } }: { found: Found }) {
  return (
    <p class="soft" role="status">
      {more ? `The newest ${grouped(MOST)}` : grouped(entries.length)}{' '}
      {entries.length === 1 ? 'entry' : 'entries'} that failed
      {from === undefined ? ', as this process remembers them' : ` in ${from}`}
      {outcomes(answer)}.
    </p>
  )
}

/** What else happened when the entries were run again. */
function outcomes({ passed, dropped, held, skipped }: ExplainAnswer): string {
  const parts = [
    passed > 0 ? `${grouped(passed)} would pass now` : '',
    dropped > 0 ? `${grouped(dropped)} would be dropped` : '',
    held > 0 ? `${grouped(held)} would be held` : '',
    skipped > 0 ? `${grouped(skipped)} were too long, or too many for the time` : '',
  ].filter((part) => part !== '')
  return parts.length === 0 ? '' : `; ${parts.join(', ')}`
}

interface GroupListProps {
  readonly groups: readonly FailureGroup[]
  readonly entries: readonly FailedEntry[]
}

function GroupList({ groups, entries }: GroupListProps) {
  return (
    <ul class="failure-groups">
      {groups.map((group) => (
        <Group key={group.key} group={group} entries={entries} />
      ))}
    </ul>
  )
}

function Group({ group, entries }: { group: FailureGroup; entries: readonly FailedEntry[] }) {
  const open = asked.value.group === group.key
  return (
    <li class={open ? 'failure-group open' : 'failure-group'}>
      <button type="button" class="group-head" aria-expanded={open} onClick={() => openGroup(group.key)}>
        <Icon name={open ? 'down' : 'right'} />
        <span class="number count">{grouped(group.entries.length)}</span>
        <Reason group={group} first={entries[group.entries[0]!]!} />
      </button>
      {open ? <Opened group={group} entries={entries} /> : null}
    </li>
  )
}

function Opened({ group, entries }: { group: FailureGroup; entries: readonly FailedEntry[] }) {
  return (
    <div class="group-body">
      <Trial group={group} />
      <h2>What happened to the newest of them</h2>
      <Steps steps={group.steps} pictures={false} />
      <h2>{group.entries.length === 1 ? 'The entry' : `All ${grouped(group.entries.length)}`}</h2>
      <EntryList entries={group.entries.map((index) => entries[index]!)} />
    </div>
  )
}
