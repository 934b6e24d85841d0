/** Explore: ask for lines or a metric, and look at what comes. */
import { useComputed, useSignal, useSignalEffect } from '@preact/signals'
import { useEffect } from 'preact/hooks'
import { QueryEditor } from '../editor/query-editor.tsx'
import { go } from '../location.ts'
import { logTree } from '../logql/query.ts'
import { Icon } from '../parts/icon.tsx'
import { Item, Menu } from '../parts/menu.tsx'
import { NoLines } from '../parts/no-lines.tsx'
import { Notice } from '../parts/notice.tsx'
import { status } from '../status.ts'
import { failure, keepAsking, lines, metric, phase, runAgain } from './answer.ts'
import { askFor, asked, source } from './asked.ts'
import { EXAMPLES, past, remember } from './history.ts'
import { Histogram } from './histogram.tsx'
import { LineList } from './line-list.tsx'
import { Metric } from './metric.tsx'
import { keepTailing, tailing } from './tail.ts'
import { TimePicker } from './time-picker.tsx'
import { vocabulary } from './vocabulary.ts'

export function Explore() {
  const refused = status.value?.refused
  return refused === undefined ? <Asking /> : <NoLines why={refused} />
}

function Asking() {
  const text = useSignal(asked.value.query)
  useEffect(() => {
    const ends = [keepAsking(), keepTailing()]
    return () => {
      for (const end of ends) end()
    }
  }, [])
  // A query that came with the address, or from a click, is the text as well.
  const query = useComputed(() => asked.value.query)
  useSignalEffect(() => {
    text.value = query.value
  })
  const run = (): void => {
    remember(text.value)
    if (text.value === asked.value.query) runAgain()
    else askFor({ query: text.value })
  }
  const isLog = logTree(asked.value.query) !== undefined
  return (
    <div class="explore">
      {asked.value.query.trim() === '' ? null : <h1 class="hidden-text">Explore</h1>}
      <div class="toolbar">
        <SourcePicker />
        <QueryEditor text={text} vocabulary={vocabulary} onRun={run} />
        <div class="actions">
          <Menu icon="book" label={null} name="Examples and history" class="icon">
            <Queries />
          </Menu>
          <TimePicker />
          <button
            type="button"
            class="live"
            aria-pressed={asked.value.live}
            disabled={!isLog}
            title={isLog ? 'Lines as they come' : 'A metric has no lines to follow'}
            onClick={() => askFor({ live: !asked.value.live })}
          >
            <Icon name="live" />
            <span class="word">Live</span>
          </button>
          <button type="button" class="main" onClick={run}>
            <Icon name="play" />
            <span class="word">Run</span>
          </button>
        </div>
      </div>
      <Answer />
      <Notice />
    </div>
  )
}

function Answer() {
  const { query } = asked.value
  if (query.trim() === '') return <Welcome />
  if (phase.value === 'failed')
    return (
      <div class="failure" role="alert">
        <strong>The query was not answered.</strong>
        <pre>{failure.value}</pre>
      </div>
    )
  if (tailing.value) return <LineList />
  if (metric.value !== undefined) return <Metric />
  if (phase.value === 'asking' && lines.value.length === 0) return <p class="empty">Asking…</p>
  return (
    <>
      <Histogram />
      {lines.value.length > 0 ? <LineList /> : <Nothing />}
    </>
  )
}

function Nothing() {
  return (
    <div class="empty">
      <p>
        <strong>No lines in this time.</strong>
      </p>
      <p>
        Look further back, or take a condition out of the query.{' '}
        <button type="button" class="tiny" onClick={() => askFor({ from: 'now-1d', to: 'now' })}>
          Last 24 hours
        </button>
      </p>
    </div>
  )
}

function Welcome() {
  return (
    <div class="welcome">
      <h1>What are you looking for?</h1>
      <p class="soft">
        Write a LogQL query, or begin with one of these. Enter runs it, Shift+Enter makes a new line.
      </p>
      <ExampleList />
    </div>
  )
}

function ExampleList() {
  return (
    <ul class="examples">
      {EXAMPLES.map(({ name, query }) => (
        <li key={query}>
          <button type="button" class="quiet" onClick={() => askFor({ query })}>
            <span>{name}</span>
            <code>{query}</code>
          </button>
        </li>
      ))}
    </ul>
  )
}

function Queries() {
  return (
    <>
      {past.value.length === 0 ? null : <h2>Before</h2>}
      {past.value.slice(0, 15).map((query) => (
        <Item key={query} onPick={() => askFor({ query })}>
          <code>{query}</code>
        </Item>
      ))}
      <h2>Examples</h2>
      {EXAMPLES.map(({ name, query }) => (
        <Item key={query} onPick={() => askFor({ query })}>
          <span>
            {name}
            <br />
            <code class="soft">{query}</code>
          </span>
        </Item>
      ))}
    </>
  )
}

function SourcePicker() {
  const sources = status.value?.sources ?? []
  if (sources.length < 2) return null
  return (
    <select
      class="source"
      aria-label="Source"
      value={source.value?.name}
      onChange={(event) => go({ source: event.currentTarget.value })}
    >
      {sources.map(({ name, kind }) => (
        <option key={name} value={name}>
          {kind === 'store' ? `${name} (embedded)` : name}
        </option>
      ))}
    </select>
  )
}
