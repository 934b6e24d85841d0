/** A chart of the last hours with its title and a legend that says the newest values. */
import type { Point } from '../../lib/logql/api/answers.ts'
import { Chart, seriesColour } from '../charts/chart.tsx'
import { seriesChart } from '../charts/series-chart.ts'
import { short } from '../numbers.ts'
import { visible } from '../text/visible.ts'
import { theme } from '../theme.ts'
import { history } from './history.ts'

export interface Curve {
  readonly name: string
  readonly values: readonly Point[]
}

export interface OverTimeProps {
  readonly title: string
  readonly note?: string
  /** Of the values: `/s`, ` %`. */
  readonly unit: string
  readonly curves: readonly Curve[]
}

export function OverTime({ title, note, unit, curves }: OverTimeProps) {
  void theme.value
  const times = history.value?.times ?? []
  if (times.length < 2) return null
  const drawing = seriesChart(
    {
      from: times[0]!,
      to: times.at(-1)!,
      series: curves.map((each, i) => ({ ...each, colour: seriesColour(i), shown: true })),
      bars: false,
    },
    () => {},
  )
  return (
    <figure class="over-time">
      <figcaption>
        <h3>{title}</h3>
        {note === undefined ? null : <span class="soft">{note}</span>}
      </figcaption>
      <Chart
        {...drawing}
        height={140}
        label={`${title}: ${curves.map((each) => said(each, unit)).join(', ')}`}
      />
      <ul>
        {curves.map((each, i) => (
          <li key={each.name} class="legend">
            <i style={{ background: seriesColour(i) }} />
            {said(each, unit)}
          </li>
        ))}
      </ul>
    </figure>
  )
}

function said({ name, values }: Curve, unit: string): string {
  const last = values.at(-1)
  return `${visible(name)} ${last === undefined ? '–' : `${short(Number(last[1]))}${unit}`}`
}
