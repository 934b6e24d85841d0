/** Edits a stage, tries it on the failed entries, and copies it. */
import { useEffect } from 'preact/hooks'
import type { FailureGroup, StageText } from '../../lib/admin/failures/messages.ts'
import { counted, grouped } from '../numbers.ts'
import { copyText } from '../parts/copy.ts'
import { Icon } from '../parts/icon.tsx'
import { status } from '../status.ts'
import { Picture } from '../steps/picture.tsx'
import { visible } from '../text/visible.ts'
import { found } from './found.ts'
import { Reason } from './reason.tsx'
import { edit, edited, mistake, outcome, text, trying, tryStage } from './trial.ts'

export function Trial({ group }: { group: FailureGroup }) {
  const stages = (found.value?.answer.stages ?? []).filter(({ component }) => component === group.component)
  const failing = stages.find(({ path }) => path === group.at?.stage) ?? stages[0]
  useEffect(() => {
    edit(failing)
    return () => edit(undefined)
  }, [group.key])
  const miss = group.at?.regex
  return (
    <>
      {miss === undefined ? null : <Picture miss={miss} />}
      {edited.value === undefined ? null : <Editor stages={stages} />}
    </>
  )
}

function Editor({ stages }: { stages: readonly StageText[] }) {
  const now = edited.value!
  const total = found.value!.entries.length
  const refused = status.value?.actionsRefused
  const choose = (path: string): void => edit(stages.find((each) => each.path === path))
  return (
    <section class="trial" aria-label="Try a stage">
      <div class="trial-bar">
        <label>
          Stage{' '}
          <select value={now.path} onChange={(event) => choose(event.currentTarget.value)}>
            {stages.map(({ path }) => (
              <option key={path} value={path}>
                {path}
              </option>
            ))}
          </select>
        </label>
        <span class="grow" />
        <button type="button" class="quiet" disabled={text.value === now.text} onClick={() => edit(now)}>
          As it was
        </button>
        <button type="button" onClick={() => void copyText(outcome.value?.formatted ?? text.value)}>
          <Icon name="copy" />
          Copy
        </button>
        <button
          type="button"
          class="main"
          disabled={trying.value || refused !== undefined}
          onClick={() => void tryStage()}
        >
          <Icon name="play" />
          {trying.value ? 'Trying…' : `Try on ${counted(total, 'entry', 'entries')}`}
        </button>
      </div>
      <textarea
        class="mono"
        aria-label="The stage, as in a config"
        spellcheck={false}
        rows={Math.min(20, text.value.split('\n').length + 1)}
        value={text.value}
        onInput={(event) => (text.value = event.currentTarget.value)}
        onKeyDown={(event) => {
          const asked = event.key === 'Enter' && (event.ctrlKey || event.metaKey)
          if (asked && refused === undefined) void tryStage()
        }}
      />
      {refused === undefined ? null : <p class="soft">{refused}</p>}
      {mistake.value === '' ? null : (
        <pre class="mistake" role="alert">
          {visible(mistake.value)}
        </pre>
      )}
      <Outcome />
    </section>
  )
}

function Outcome() {
  const now = outcome.value
  if (now === undefined) return null
  const entries = found.value!.entries
  const failing = now.groups.reduce((sum, group) => sum + group.entries.length, 0)
  return (
    <div class="outcome">
      <p role="status">
        <strong class={now.passed > 0 ? 'good' : ''}>
          {grouped(now.passed)} of {grouped(entries.length)} would pass now
        </strong>
        {now.dropped > 0 ? `, ${grouped(now.dropped)} would be dropped` : ''}
        {now.held > 0 ? `, ${grouped(now.held)} would be held` : ''}
        {now.skipped > 0 ? `, ${grouped(now.skipped)} were not tried: too long, or the time was up` : ''}
        {failing > 0 ? `; ${grouped(failing)} would still fail:` : '.'}
      </p>
      <ul class="still">
        {now.groups.slice(0, 5).map((group) => (
          <li key={group.key}>
            <span class="number count">{grouped(group.entries.length)}</span>
            <Reason group={group} first={entries[group.entries[0]!]!} />
          </li>
        ))}
      </ul>
    </div>
  )
}
