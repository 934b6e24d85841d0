/** The lines of the same stream just before and after one. */
import { useSignal } from '@preact/signals'
import { useEffect } from 'preact/hooks'
import { selectorOf } from '../logql/query.ts'
import { messageOf } from '../server.ts'
import { LineText } from '../text/line-text.tsx'
import { source } from './asked.ts'
import { sameLine, type Line } from './line.ts'
import { askLines } from './loki.ts'
import { lineTime } from './times.ts'

const STEP = 10
const HOURS = 6 * 3_600_000

interface Around {
  /** Oldest first. */
  readonly before: readonly Line[]
  readonly after: readonly Line[]
}

export function Context({ line }: { line: Line }) {
  const around = useSignal<Around | undefined>(undefined)
  const failed = useSignal('')
  const count = useSignal(STEP)
  const asked = count.value
  useEffect(() => {
    const stop = new AbortController()
    askAround(line, asked, stop.signal).then(
      (found) => (around.value = found),
      (error: unknown) => {
        if (!stop.signal.aborted) failed.value = messageOf(error)
      },
    )
    return () => stop.abort()
  }, [asked])
  if (failed.value !== '') return <p class="mistake">{failed.value}</p>
  if (around.value === undefined) return <p class="soft note">Loading…</p>
  const { before, after } = around.value
  return (
    <div class="context">
      <ol>
        {before.map((each, i) => (
          <ContextLine key={`b${i}`} line={each} />
        ))}
        <ContextLine line={line} here />
        {after.map((each, i) => (
          <ContextLine key={`a${i}`} line={each} />
        ))}
      </ol>
      <button type="button" class="tiny" onClick={() => (count.value = asked * 3)}>
        More of them
      </button>
    </div>
  )
}

function ContextLine({ line, here = false }: { line: Line; here?: boolean }) {
  return (
    <li class={here ? 'here' : ''} data-level={line.level} aria-current={here ? 'true' : undefined}>
      <time>{lineTime(line.ms, false)}</time>
      <span class="text">
        <LineText text={line.text} searched={[]} most={500} />
      </span>
    </li>
  )
}

async function askAround(line: Line, count: number, signal: AbortSignal): Promise<Around> {
  const at = source.value
  if (at === undefined) return { before: [], after: [] }
  const query = selectorOf(line.labels)
  const ask = async (newestFirst: boolean): Promise<readonly Line[]> => {
    const range = newestFirst
      ? { from: line.ms - HOURS, to: line.ms }
      : { from: line.ms, to: line.ms + HOURS }
    // Going on from the line itself, which takes out what was there at the same time up to it.
    const page = await askLines(
      at,
      { query, ...range, signal },
      { newestFirst, limit: count + 1, last: [line] },
    )
    return 'lines' in page ? page.lines.filter((each) => !sameLine(each, line)).slice(0, count) : []
  }
  const [before, after] = await Promise.all([ask(true), ask(false)])
  return { before: before.toReversed(), after }
}
