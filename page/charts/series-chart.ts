/** Series over time, as lines or bars. */
import uPlot from 'uplot'
import type { Point } from '../../lib/logql/api/answers.ts'
import { short } from '../numbers.ts'
import { axes, colourOf, onZoom, type Drawing, type Zoom } from './chart.tsx'

export interface SeriesChart {
  /** Milliseconds since 1970. */
  readonly from: number
  readonly to: number
  readonly series: readonly {
    readonly name: string
    readonly values: readonly Point[]
    readonly colour: string
    readonly shown: boolean
  }[]
  readonly bars: boolean
}

export function seriesChart({ from, to, series, bars }: SeriesChart, zoom: Zoom): Drawing {
  const times = [...new Set(series.flatMap(({ values }) => values.map(([time]) => time)))].sort(
    (a, b) => a - b,
  )
  const place = new Map(times.map((time, i) => [time, i]))
  const rows = series.map(({ values }) => {
    const row: (number | null)[] = times.map(() => null)
    for (const [time, value] of values)
      row[place.get(time)!] = Number.isFinite(Number(value)) ? Number(value) : null
    return row
  })
  const paths = bars ? uPlot.paths.bars!({ size: [0.8, 40] }) : undefined
  return {
    data: [times, ...rows],
    options: {
      legend: { show: false },
      padding: [12, 24, 0, 0],
      cursor: { drag: { x: true, y: false, setScale: false }, points: { size: 6 } },
      scales: { x: { time: true, range: () => [from / 1000, to / 1000] }, y: { range: spread } },
      axes: axes(short),
      series: [
        {},
        ...series.map(({ name, colour, shown }) => ({
          label: name,
          show: shown,
          stroke: colour,
          width: bars ? 0 : 1.5,
          fill: bars ? colour : undefined,
          points: { show: times.length < 2, stroke: colour, fill: colourOf('surface') },
          paths,
        })),
      ],
      hooks: { setSelect: [onZoom(zoom)] },
    },
  }
}

// From zero, with air above, so that heights can be compared.
function spread(_plot: uPlot, min: number | null, max: number | null): [number, number] {
  const top = max ?? 1
  const bottom = Math.min(0, min ?? 0)
  return [bottom, top === bottom ? bottom + 1 : top + (top - bottom) * 0.06]
}
