/** One line of the list; a click opens what is known of it. */
import type { Signal } from '@preact/signals'
import { LineText } from '../text/line-text.tsx'
import { prettyJson } from '../text/json.ts'
import { visible } from '../text/visible.ts'
import { Details } from './details.tsx'
import { fieldOf, type Line } from './line.ts'
import { lineTime } from './times.ts'

export interface RowProps {
  /** Of the line: elements of the list go from one line to another, what is open in them must not. */
  readonly id: number
  readonly line: Line
  readonly open: Signal<ReadonlySet<Line>>
  readonly withDay: boolean
  readonly searched: readonly string[]
  readonly columns: readonly string[]
  readonly pretty: boolean
}

export function Row({ id, line, open, withDay, searched, columns, pretty }: RowProps) {
  const isOpen = open.value.has(line)
  const toggle = (): void => {
    const next = new Set(open.value)
    if (!next.delete(line)) next.add(line)
    open.value = next
  }
  return (
    <article class={isOpen ? 'line open' : 'line'} data-level={line.level}>
      <div class="line-head" onClick={() => (hasSelection() ? undefined : toggle())}>
        <button
          type="button"
          class="line-toggle"
          aria-expanded={isOpen}
          aria-label={`${line.level} at ${lineTime(line.ms, true)}: details`}
          onClick={(event) => {
            event.stopPropagation()
            toggle()
          }}
          onKeyDown={toNeighbour}
        />
        <time dateTime={new Date(line.ms).toISOString()}>{lineTime(line.ms, withDay)}</time>
        {columns.map((name) => (
          <span key={name} class="cell" title={name}>
            {name === 'line' ? (
              <LineText text={line.text} searched={searched} />
            ) : (
              visible(fieldOf(line, name) ?? '–').slice(0, 500)
            )}
          </span>
        ))}
        {columns.includes('line') ? null : (
          <span class="text" dir="ltr">
            <LineText text={pretty ? (prettyJson(line.text) ?? line.text) : line.text} searched={searched} />
          </span>
        )}
      </div>
      {isOpen ? <Details key={id} line={line} searched={searched} /> : null}
    </article>
  )
}

// The arrows go from line to line; the page would scroll otherwise.
function toNeighbour(event: KeyboardEvent & { readonly currentTarget: HTMLElement }): void {
  if (event.key !== 'ArrowDown' && event.key !== 'ArrowUp') return
  // Elements of the list aren't in its order.
  const row = event.currentTarget.closest<HTMLElement>('[data-index]')
  const next = Number(row?.dataset['index']) + (event.key === 'ArrowDown' ? 1 : -1)
  const toggle = row?.parentElement?.querySelector<HTMLElement>(`[data-index="${next}"] .line-toggle`)
  if (toggle === null || toggle === undefined) return
  event.preventDefault()
  toggle.focus()
}

// Marking text with the mouse isn't a wish to open the line.
function hasSelection(): boolean {
  const selection = getSelection()
  return selection !== null && !selection.isCollapsed
}
