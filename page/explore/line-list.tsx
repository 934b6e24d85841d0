/** The lines of the answer, or of the tail, and how they're shown. */
import { useSignal } from '@preact/signals'
import { searchedTexts } from '../logql/query.ts'
import { counted, grouped } from '../numbers.ts'
import { Icon, type IconName } from '../parts/icon.tsx'
import { VirtualList } from '../parts/virtual-list.tsx'
import { failure, fetchingMore, fetchMore, lines, more, MOST_LINES, range, took } from './answer.ts'
import { askFor, asked, show } from './asked.ts'
import type { Line } from './line.ts'
import { Row } from './row.tsx'
import { CopyMenu, DownloadMenu } from './share.tsx'
import { leftOut, paused, tailed, tailing, tailRate, tailState, waiting } from './tail.ts'

const ROW = 22
const DAY = 86_400_000

export function LineList() {
  const live = tailing.value
  const all = live ? tailed.value : lines.value
  const open = useSignal<ReadonlySet<Line>>(new Set())
  const { query, wrap, pretty, columns, oldestFirst } = asked.value
  const searched = searchedTexts(query)
  const span = range.value
  const withDay =
    !live && (span.to - span.from > DAY || new Date(span.from).getDate() !== new Date(span.to).getDate())
  const names = ['lines', wrap ? 'wrap' : '', pretty ? 'pretty' : ''].filter((name) => name !== '').join(' ')
  return (
    <section class="answer" aria-label="Lines">
      <div class="bar">
        {live ? <TailState /> : <Count count={all.length} />}
        <span class="grow" />
        <Toggle
          icon="order"
          on={oldestFirst}
          name={oldestFirst ? 'Oldest first' : 'Newest first'}
          onToggle={() => askFor({ oldestFirst: !oldestFirst })}
        />
        <Toggle icon="wrap" on={wrap} name="Wrap lines" onToggle={() => show({ wrap: !wrap })} />
        <Toggle icon="braces" on={pretty} name="Spread JSON" onToggle={() => show({ pretty: !pretty })} />
        {columns.length === 0 ? null : (
          <button type="button" class="tiny" onClick={() => show({ columns: [] })}>
            {counted(columns.length, 'column')} <Icon name="close" />
          </button>
        )}
        <DownloadMenu lines={all} />
        <CopyMenu />
      </div>
      <VirtualList
        key={`${wrap} ${pretty}`}
        count={all.length}
        estimate={ROW}
        label="Log lines"
        class={names}
        stick={live && oldestFirst}
        keyOf={(index) => keyOf(all[index]!)}
        render={(index) => (
          <Row
            id={keyOf(all[index]!)}
            line={all[index]!}
            open={open}
            withDay={withDay}
            searched={searched}
            columns={columns}
            pretty={pretty}
          />
        )}
        onSight={(_first, last) => {
          if (!live && more.value && last > all.length - 200) void fetchMore()
        }}
      />
    </section>
  )
}

// A line is the same wherever it stands; as an object it has no name of its own.
const keys = new WeakMap<Line, number>()
let lastKey = 0

function keyOf(line: Line): number {
  const known = keys.get(line)
  if (known !== undefined) return known
  keys.set(line, ++lastKey)
  return lastKey
}

function Count({ count }: { count: number }) {
  return (
    <span class="soft" role="status">
      {counted(count, 'line')}
      {more.value ? (fetchingMore.value ? ', loading more…' : ', more below') : ''}
      {count >= MOST_LINES ? ': narrow the query to see others' : ''} · {Math.round(took.value)} ms
      {failure.value === '' ? '' : ` · ${failure.value}`}
    </span>
  )
}

const STATES = { off: 'off', connecting: 'connecting…', open: 'live', lost: 'lost, trying again…' }

function TailState() {
  return (
    <span class="tail-state">
      <span class={`dot ${tailState.value}`} /> {paused.value ? 'paused' : STATES[tailState.value]}
      {tailState.value === 'open' ? <span class="soft"> · {Math.round(tailRate.value)} lines/s</span> : null}
      {leftOut.value > 0 ? <span class="bad"> · {grouped(leftOut.value)} left out, too fast</span> : null}
      <button
        type="button"
        class="tiny"
        aria-pressed={paused.value}
        onClick={() => (paused.value = !paused.value)}
      >
        <Icon name={paused.value ? 'play' : 'pause'} />
        {paused.value ? `Resume (${grouped(waiting.value)} new)` : 'Pause'}
      </button>
    </span>
  )
}

interface ToggleProps {
  readonly icon: IconName
  readonly on: boolean
  readonly name: string
  readonly onToggle: () => void
}

function Toggle({ icon, on, name, onToggle }: ToggleProps) {
  return (
    <button
      type="button"
      class="quiet icon"
      aria-pressed={on}
      aria-label={name}
      title={name}
      onClick={onToggle}
    >
      <Icon name={icon} />
    </button>
  )
}
