/** One entry of the tap; a click opens its labels, or what each stage did to it. */
import type { Signal } from '@preact/signals'
import type { EntryShown, Trace } from '../../lib/admin/tap/messages.ts'
import { lineTime } from '../explore/times.ts'
import { copyText } from '../parts/copy.ts'
import { Icon } from '../parts/icon.tsx'
import { Steps } from '../steps/steps.tsx'
import { LineText } from '../text/line-text.tsx'
import { visible } from '../text/visible.ts'
import { paused, type Seen } from './stream.ts'

export interface RowProps {
  readonly of: Seen
  readonly open: Signal<ReadonlySet<Seen>>
}

export function Row({ of, open }: RowProps) {
  const { entry } = of
  const isOpen = open.value.has(of)
  const toggle = (): void => {
    const next = new Set(open.value)
    if (!next.delete(of)) {
      next.add(of)
      // So that it stays in place while it's read.
      paused.value = true
    }
    open.value = next
  }
  const time = lineTime(Date.parse(entry.timestamp), false)
  return (
    <article class={isOpen ? 'line open' : 'line'} data-end={of.kind === 'trace' ? of.end : 'passed'}>
      <div class="line-head" onClick={() => (hasSelection() ? undefined : toggle())}>
        <button
          type="button"
          class="line-toggle"
          aria-expanded={isOpen}
          aria-label={`Entry of ${time}: details`}
          onClick={(event) => {
            event.stopPropagation()
            toggle()
          }}
        />
        <time dateTime={entry.timestamp}>{time}</time>
        <span class="text" dir="ltr">
          <LineText text={entry.line} length={entry.length} searched={[]} most={isOpen ? Infinity : 500} />
          {of.kind === 'trace' ? <Summary trace={of} /> : null}
        </span>
      </div>
      {isOpen ? <Details of={of} /> : null}
    </article>
  )
}

/** The names of the stages; those that did something are coloured. */
function Summary({ trace: { steps, end } }: { trace: Trace }) {
  return (
    <span class="summary">
      {steps
        .filter(({ stage }) => !stage.includes('/'))
        .map(({ stage, outcome, changes }) => {
          const inner = steps.some((step) => step.stage.startsWith(`${stage}/`) && step.changes.length > 0)
          const did = outcome === 'passed' ? (changes.length > 0 || inner ? 'did' : '') : outcome
          return (
            <span key={stage} class={`stage ${did}`}>
              {visible(stage)}
            </span>
          )
        })}
      {end === 'passed' ? null : <span class={end === 'dropped' ? 'chip bad' : 'chip warn'}>{end}</span>}
    </span>
  )
}

function Details({ of }: { of: Seen }) {
  const { entry } = of
  return (
    <div class="details">
      <div class="details-bar">
        <button type="button" class="tiny" onClick={() => void copyText(entry.line)}>
          <Icon name="copy" />
          Copy line
        </button>
        <span class="soft mono">{entry.timestamp}</span>
      </div>
      <Values title="Labels" of={entry.labels} />
      <Values title="Structured metadata" of={entry.structured_metadata} />
      {of.kind === 'trace' ? <Steps steps={of.steps} /> : null}
    </div>
  )
}

function Values({ title, of }: { title: string; of: EntryShown['labels'] }) {
  const pairs = Object.entries(of)
  if (pairs.length === 0) return null
  return (
    <section class="values">
      <h2>{title}</h2>
      <dl>
        {pairs.map(([name, value]) => (
          <div key={name}>
            <dt>{visible(name)}</dt>
            <dd>{visible(value)}</dd>
          </div>
        ))}
      </dl>
    </section>
  )
}

// Marking text with the mouse isn't a wish to open the line.
function hasSelection(): boolean {
  const selection = getSelection()
  return selection !== null && !selection.isCollapsed
}
