/** How many lines came and ended in the last hours, and what waited. */
import { grouped } from '../numbers.ts'
import { history, historyFailure, refresh, SPANS, spanMs } from './history.ts'
import { levelOf, rateOf, sumOf, type Recorded } from './points.ts'
import { OverTime, type Curve } from './over-time.tsx'

const STATES = [
  { state: 'delivered', name: 'delivered' },
  { state: 'spooled', name: 'spooled' },
  { state: 'dropped', name: 'dropped' },
  { state: 'dead_lettered', name: 'dead letters' },
] as const

export function Spans() {
  return (
    <div class="spans">
      <h2>The last hours</h2>
      <span class="group" role="group" aria-label="Time">
        {SPANS.map(({ name, ms }) => (
          <button
            key={ms}
            type="button"
            class="tiny"
            aria-pressed={spanMs.value === ms}
            onClick={() => {
              spanMs.value = ms
              void refresh()
            }}
          >
            {name}
          </button>
        ))}
      </span>
      <Note />
    </div>
  )
}

function Note() {
  if (historyFailure.value !== '') return <span class="bad">{historyFailure.value}</span>
  const now = history.value
  if (now === undefined) return null
  if (now.times.length < 2)
    return (
      <span class="soft">
        The process reads its metrics every 15 seconds: charts come with the second reading.
      </span>
    )
  return now.leftOut === 0 ? null : (
    <span class="soft">{grouped(now.leftOut)} series found no place: at most 1,000 are kept.</span>
  )
}

export function Throughput() {
  const now = history.value
  if (now === undefined || now.times.length < 2) return null
  const { times, series } = now
  const named = (name: string): readonly Recorded[] => series.filter((each) => each.name === name)
  const ended = named('logstream_units_total')
  const rates: Curve[] = [
    { name: 'read', values: rateOf(times, sumOf(named('logstream_units_read_total'))) },
    ...STATES.flatMap(({ state, name }) => {
      const of = ended.filter(({ labels }) => labels['state'] === state)
      return of.length === 0 ? [] : [{ name, values: rateOf(times, sumOf(of)) }]
    }),
  ]
  const waiting: Curve[] = [
    { name: 'in flight', values: levelOf(times, sumOf(named('logstream_units_in_flight'))) },
    { name: 'entries on disk', values: levelOf(times, sumOf(named('logstream_spool_entries'))) },
  ].filter(({ values }) => values.length > 0)
  const drops = ended
    .filter(({ labels }) => labels['state'] === 'dropped')
    .map(({ labels, values }) => ({ name: labels['reason'] ?? '', values: rateOf(times, values) }))
  return (
    <div class="charts">
      <OverTime title="Lines" unit="/s" curves={rates} />
      <OverTime title="Waiting" unit="" curves={waiting} />
      {drops.length === 0 ? null : <OverTime title="Dropped, by reason" unit="/s" curves={drops} />}
    </div>
  )
}
