/** Tap: entries as they pass from one component to the next, and what stages do to them. */
import { computed, useSignal } from '@preact/signals'
import { Fragment } from 'preact'
import { useEffect } from 'preact/hooks'
import { follow, go, viewAddress } from '../location.ts'
import { grouped, short } from '../numbers.ts'
import { Icon } from '../parts/icon.tsx'
import { NoLines } from '../parts/no-lines.tsx'
import { VirtualList } from '../parts/virtual-list.tsx'
import { moduleOf } from '../pipeline/arrows.ts'
import { rates, status } from '../status.ts'
import { asked, points, staged, type Point } from './asked.ts'
import { Row } from './row.tsx'
import { counts, failure, keepTapping, paused, rate, seen, tapState, type Seen } from './stream.ts'

export function Tap() {
  const refused = status.value?.refused
  return refused === undefined ? <Tapping /> : <NoLines why={refused} />
}

function Tapping() {
  useEffect(() => keepTapping(), [])
  return (
    <div class="tap">
      <nav class="tap-points" aria-label="Where to look">
        <h1>Tap</h1>
        {modules.value.map(([module, of]) => (
          <Fragment key={module}>
            {module === '' ? null : <h2 class="mono">{module}</h2>}
            <ul>
              {of.map((point) => (
                <PointLink key={`${point.from} ${point.to}`} point={point} module={module} />
              ))}
            </ul>
          </Fragment>
        ))}
      </nav>
      {asked.value.component === '' ? <Choose /> : <Seeing />}
    </div>
  )
}

/** The places, by module. */
const modules = computed<readonly (readonly [string, readonly Point[]])[]>(() => {
  const found = new Map<string, Point[]>()
  for (const point of points.value) {
    const module = moduleOf(point.component)
    found.set(module, [...(found.get(module) ?? []), point])
  }
  return [...found].sort(([a], [b]) => (a < b ? -1 : 1))
})

function PointLink({ point: { component, from, to }, module }: { point: Point; module: string }) {
  const local = (id: string): string => (moduleOf(id) === module ? id.slice(id.lastIndexOf('/') + 1) : id)
  const chosen = asked.value.component === component
  return (
    <li>
      <a
        href={viewAddress('tap', { component, stages: asked.value.stages ? '1' : '' })}
        onClick={follow}
        aria-current={chosen ? 'true' : undefined}
      >
        <span class="mono">{local(component)}</span>
        <span class="soft mono">{from === undefined ? 'what it takes' : `→ ${local(to)}`}</span>
        {from === undefined ? null : <span class="number soft">{short(rates.value.get(from) ?? 0)}/s</span>}
      </a>
    </li>
  )
}

function Choose() {
  return (
    <div class="empty">
      <p>
        <strong>Choose where to look.</strong>
      </p>
      <p>
        Entries are shown as they pass, a sample where there are many. The pipeline doesn’t wait for this
        page. In a terminal: <code>logstream tap</code>
      </p>
    </div>
  )
}

function Seeing() {
  const open = useSignal<ReadonlySet<Seen>>(new Set())
  const all = seen.value
  return (
    <section class="answer" aria-label="Entries">
      <div class="bar">
        <State />
        <span class="grow" />
        {staged.value.has(asked.value.component) ? <Kinds /> : null}
        <button
          type="button"
          class="tiny"
          aria-pressed={paused.value}
          onClick={() => (paused.value = !paused.value)}
        >
          <Icon name={paused.value ? 'play' : 'pause'} />
          {paused.value ? 'Resume' : 'Pause'}
        </button>
      </div>
      {all.length === 0 ? (
        <Nothing />
      ) : (
        <VirtualList
          count={all.length}
          estimate={asked.value.stages ? 48 : 24}
          label="Entries"
          class="lines wrap"
          keyOf={(index) => keyOf(all[index]!)}
          render={(index) => <Row of={all[index]!} open={open} />}
        />
      )}
    </section>
  )
}

const keys = new WeakMap<Seen, string>()
let lastKey = 0

// A trace keeps its key when a newer one replaces it.
function keyOf(of: Seen): string {
  if (of.kind === 'trace') return `t${of.number}`
  const known = keys.get(of) ?? `e${++lastKey}`
  keys.set(of, known)
  return known
}

/** Entries as they are, or stage by stage. */
function Kinds() {
  const { stages } = asked.value
  return (
    <span class="group" role="group" aria-label="What to show">
      <button type="button" class="tiny" aria-pressed={!stages} onClick={() => go({ stages: '' })}>
        Entries
      </button>
      <button type="button" class="tiny" aria-pressed={stages} onClick={() => go({ stages: '1' })}>
        Stage by stage
      </button>
    </span>
  )
}

const STATES = {
  off: 'paused',
  connecting: 'connecting…',
  open: 'live',
  hidden: 'paused while hidden',
  lost: 'lost, trying again…',
}

function State() {
  const now = counts.value
  return (
    <span class="tail-state" role="status">
      <span class={`dot ${tapState.value}`} /> {STATES[tapState.value]}
      {now === undefined || tapState.value !== 'open' ? null : (
        <span class="soft">
          {' '}
          · {grouped(now.seen)} passed, {short(rate.value)}/s · {grouped(now.sent)} shown
        </span>
      )}
      {now !== undefined && now.skipped > 0 ? (
        <span class="bad"> · {grouped(now.skipped)} skipped, this browser is too slow</span>
      ) : null}
    </span>
  )
}

function Nothing() {
  return (
    <div class="empty">
      {failure.value === '' ? (
        <p>Nothing has passed here yet.</p>
      ) : (
        <p class="bad" role="alert">
          {failure.value}
        </p>
      )}
    </div>
  )
}
