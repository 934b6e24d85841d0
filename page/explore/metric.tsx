/** A metric as lines, bars or a table, with a legend that can single out a series. */
import { useComputed, useSignal } from '@preact/signals'
import type { MatrixData } from '../../lib/logql/api/answers.ts'
import { Chart, seriesColour } from '../charts/chart.tsx'
import { seriesChart } from '../charts/series-chart.ts'
import { short } from '../numbers.ts'
import { theme } from '../theme.ts'
import { visible } from '../text/visible.ts'
import { metric, range, stepSeconds, took } from './answer.ts'
import { asked, askFor, show, type MetricShape } from './asked.ts'
import { CopyMenu } from './share.tsx'
import { dateTime } from './times.ts'

/** More lines than these are a thicket; the table has them all. */
const MOST_DRAWN = 50

type Series = MatrixData['result'][number]

const SHAPES: readonly { readonly shape: MetricShape; readonly name: string }[] = [
  { shape: 'lines', name: 'Lines' },
  { shape: 'bars', name: 'Bars' },
  { shape: 'table', name: 'Table' },
]

export function Metric() {
  const only = useSignal<string | undefined>(undefined)
  const drawn = useComputed(() => {
    void theme.value
    const series = (metric.value ?? []).slice(0, MOST_DRAWN).map((each, i) => ({
      name: nameOf(each),
      values: each.values,
      colour: seriesColour(i),
      shown: only.value === undefined || only.value === nameOf(each),
    }))
    return seriesChart({ ...range.value, series, bars: asked.value.shape === 'bars' }, (from, to) =>
      askFor({ from: String(from), to: String(to) }),
    )
  })
  const series = metric.value ?? []
  const { shape } = asked.value
  return (
    <section class="answer metric" aria-label="Metric">
      <div class="bar">
        <span class="soft" role="status">
          {series.length} series, a point each {stepSeconds.value} s · {Math.round(took.value)} ms
          {series.length > MOST_DRAWN && shape !== 'table' ? ` · the first ${MOST_DRAWN} are drawn` : ''}
        </span>
        <span class="grow" />
        <span class="group" role="group" aria-label="Shown as">
          {SHAPES.map((each) => (
            <button
              key={each.shape}
              type="button"
              class="tiny"
              aria-pressed={shape === each.shape}
              onClick={() => show({ shape: each.shape })}
            >
              {each.name}
            </button>
          ))}
        </span>
        <CopyMenu />
      </div>
      <div class="metric-body" tabIndex={0}>
        {series.length === 0 ? (
          <p class="empty">No data in this time.</p>
        ) : shape === 'table' ? (
          <MetricTable series={series} />
        ) : (
          <>
            <Chart
              {...drawn.value}
              height={320}
              label={`${series.length} series over time; the table has the numbers`}
            />
            <ul class="series">
              {series.slice(0, MOST_DRAWN).map((each, i) => {
                const name = nameOf(each)
                const values = each.values.map(([, value]) => Number(value)).filter(Number.isFinite)
                return (
                  <li key={name}>
                    <button
                      type="button"
                      class="quiet"
                      aria-pressed={only.value === name}
                      onClick={() => (only.value = only.value === name ? undefined : name)}
                    >
                      <i style={{ background: seriesColour(i) }} />
                      <span class="series-name">{visible(name)}</span>
                      <span class="soft">last {short(values.at(-1) ?? NaN)}</span>
                      <span class="soft">max {short(Math.max(...values))}</span>
                    </button>
                  </li>
                )
              })}
            </ul>
          </>
        )}
      </div>
    </section>
  )
}

function nameOf({ metric: labels }: Series): string {
  const pairs = Object.entries(labels)
  const [first] = pairs
  if (first === undefined) return 'value'
  return pairs.length === 1
    ? `${first[0]}=${first[1]}`
    : pairs.map(([name, value]) => `${name}=${value}`).join(', ')
}

function MetricTable({ series }: { series: readonly Series[] }) {
  const names = [...new Set(series.flatMap(({ metric: labels }) => Object.keys(labels)))].sort()
  return (
    <table>
      <thead>
        <tr>
          {names.map((name) => (
            <th key={name}>{visible(name)}</th>
          ))}
          <th class="number">Last</th>
          <th class="number">Smallest</th>
          <th class="number">Largest</th>
          <th>At</th>
        </tr>
      </thead>
      <tbody>
        {series.map((each) => {
          const values = each.values.map(([, value]) => Number(value))
          const last = each.values.at(-1)
          return (
            <tr key={nameOf(each)}>
              {names.map((name) => (
                <td key={name} class="mono">
                  {Object.hasOwn(each.metric, name) ? visible(each.metric[name]!) : ''}
                </td>
              ))}
              <td class="number">{last?.[1]}</td>
              <td class="number">{Math.min(...values)}</td>
              <td class="number">{Math.max(...values)}</td>
              <td class="soft">{last === undefined ? '' : dateTime(last[0] * 1000)}</td>
            </tr>
          )
        })}
      </tbody>
    </table>
  )
}
