/** Which time is looked at: one of the usual ranges, two moments, or a step back and forth. */
import { useSignal } from '@preact/signals'
import { Icon } from '../parts/icon.tsx'
import { Item, Menu, useClose } from '../parts/menu.tsx'
import { askFor, asked } from './asked.ts'
import { inputTime, nameOfRange, rangeOf, RELATIVE_RANGES } from './times.ts'

export function TimePicker() {
  const { from, to, live } = asked.value
  return (
    <div class="group" role="group" aria-label="Time">
      <button type="button" class="icon" aria-label="Earlier" title="Earlier" onClick={() => shift(-1)}>
        <Icon name="left" />
      </button>
      <Menu icon="clock" label={live ? 'Live' : nameOfRange(from, to)} class="time">
        <div class="times">
          <div>
            <h2>From now on back</h2>
            {RELATIVE_RANGES.map((each) => (
              <Item
                key={each.from}
                current={!live && from === each.from && to === 'now'}
                onPick={() => askFor({ from: each.from, to: 'now', live: false })}
              >
                {each.name}
              </Item>
            ))}
          </div>
          <Absolute />
        </div>
      </Menu>
      <button type="button" class="icon" aria-label="Zoom out" title="Zoom out" onClick={zoomOut}>
        <Icon name="out" />
      </button>
      <button type="button" class="icon" aria-label="Later" title="Later" onClick={() => shift(1)}>
        <Icon name="right" />
      </button>
    </div>
  )
}

function Absolute() {
  const { from, to } = asked.value
  const range = rangeOf(from, to, Date.now())
  const start = useSignal(inputTime(range.from))
  const end = useSignal(inputTime(range.to))
  const close = useClose()
  const wrong = !(Date.parse(start.value) < Date.parse(end.value))
  return (
    <form
      onSubmit={(event) => {
        event.preventDefault()
        if (wrong) return
        askFor({ from: String(Date.parse(start.value)), to: String(Date.parse(end.value)), live: false })
        close()
      }}
    >
      <h2>Two moments</h2>
      <label>
        From
        <input
          type="datetime-local"
          step="1"
          value={start.value}
          onInput={(event) => (start.value = event.currentTarget.value)}
        />
      </label>
      <label>
        To
        <input
          type="datetime-local"
          step="1"
          value={end.value}
          onInput={(event) => (end.value = event.currentTarget.value)}
        />
      </label>
      {wrong ? <p class="mistake">The start must be before the end.</p> : null}
      <p>
        <button type="submit" class="main" disabled={wrong}>
          Apply
        </button>{' '}
        <span class="soft">{Intl.DateTimeFormat().resolvedOptions().timeZone}</span>
      </p>
    </form>
  )
}

function shift(direction: number): void {
  const { from, to } = rangeOf(asked.value.from, asked.value.to, Date.now())
  const by = (direction * (to - from)) / 2
  askFor({ from: String(Math.round(from + by)), to: String(Math.round(to + by)), live: false })
}

function zoomOut(): void {
  const { from, to } = rangeOf(asked.value.from, asked.value.to, Date.now())
  const by = (to - from) / 2
  askFor({ from: String(Math.round(from - by)), to: String(Math.round(to + by)), live: false })
}
