/** Failures: entries that weren't parsed, by where they failed, and entries that were refused. */
import { useSignal } from '@preact/signals'
import { useEffect } from 'preact/hooks'
import { nameOfRange, RELATIVE_RANGES } from '../explore/times.ts'
import { NoLines } from '../parts/no-lines.tsx'
import { Notice } from '../parts/notice.tsx'
import { status } from '../status.ts'
import { askFor, asked, type Kind } from './asked.ts'
import { askAgain, failure, keepAsking, phase } from './found.ts'
import { Parsing } from './parsing.tsx'
import { Refused } from './refused.tsx'

export function Failures() {
  const refused = status.value?.refused
  return refused === undefined ? <Asking /> : <NoLines why={refused} />
}

function Asking() {
  useEffect(() => keepAsking(), [])
  const { kind } = asked.value
  return (
    <div class="sheet failures">
      <h1>Failures</h1>
      <div class="failures-bar">
        <span class="group" role="group" aria-label="What failed">
          <KindButton kind="parse" name="Not parsed" />
          <KindButton kind="refused" name="Refused" />
        </span>
        {kind === 'parse' ? <Question /> : null}
        <button type="button" onClick={askAgain}>
          Ask again
        </button>
      </div>
      {phase.value === 'failed' ? (
        <div class="failure" role="alert">
          <strong>There’s no answer.</strong>
          <pre>{failure.value}</pre>
        </div>
      ) : kind === 'parse' ? (
        <Parsing />
      ) : (
        <Refused />
      )}
      <Notice />
    </div>
  )
}

function KindButton({ kind, name }: { kind: Kind; name: string }) {
  return (
    <button type="button" aria-pressed={asked.value.kind === kind} onClick={() => askFor({ kind })}>
      {name}
    </button>
  )
}

/** Which entries have failed, since when, and what they came through. */
function Question() {
  const { selector, from, component } = asked.value
  const text = useSignal(selector)
  const remembered = (status.value?.sources.length ?? 0) === 0
  const processes = (status.value?.components ?? []).filter(({ name }) => name === 'loki.process')
  return (
    <>
      <form
        class="selector"
        onSubmit={(event) => {
          event.preventDefault()
          askFor({ selector: text.value })
        }}
      >
        <input
          class="mono"
          aria-label="Selector of the entries that failed"
          spellcheck={false}
          value={text.value}
          disabled={remembered}
          onInput={(event) => (text.value = event.currentTarget.value)}
          onBlur={() => {
            if (text.value !== selector) askFor({ selector: text.value })
          }}
        />
      </form>
      {remembered ? null : (
        <select
          aria-label="Time"
          value={from}
          onChange={(event) => askFor({ from: event.currentTarget.value })}
        >
          {RELATIVE_RANGES.some((range) => range.from === from) ? null : (
            <option value={from}>{nameOfRange(from, 'now')}</option>
          )}
          {RELATIVE_RANGES.map((range) => (
            <option key={range.from} value={range.from}>
              {range.name}
            </option>
          ))}
        </select>
      )}
      {processes.length < 2 ? null : (
        <select
          aria-label="Explained with"
          value={component}
          onChange={(event) => askFor({ component: event.currentTarget.value })}
        >
          <option value="">Where they came from</option>
          {processes.map(({ fullId }) => (
            <option key={fullId} value={fullId}>
              {fullId}
            </option>
          ))}
        </select>
      )}
    </>
  )
}
