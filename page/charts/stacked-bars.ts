/** Bars over time, divided into parts that stand on each other. */
import uPlot from 'uplot'
import { short } from '../numbers.ts'
import { axes, onZoom, type Drawing, type Zoom } from './chart.tsx'

export interface StackedBars {
  /** Where each bar begins, in seconds since 1970. */
  readonly starts: readonly number[]
  readonly seconds: number
  readonly parts: readonly { readonly counts: readonly number[]; readonly colour: string }[]
}

export function stackedBars({ starts, seconds, parts }: StackedBars, zoom: Zoom): Drawing {
  const sums: number[][] = []
  for (const { counts } of parts) {
    const below = sums.at(-1)
    sums.push(counts.map((count, i) => count + (below?.[i] ?? 0)))
  }
  const paths = uPlot.paths.bars!({ size: [1, Infinity], align: 1, gap: starts.length > 60 ? 1 : 2 })
  return {
    // The tallest is drawn first, the others over it.
    data: [[...starts], ...sums.toReversed()],
    options: {
      legend: { show: false },
      // Room for half of the last time.
      padding: [4, 18, 0, 0],
      cursor: { y: false, points: { show: false }, drag: { x: true, y: false, setScale: false } },
      scales: {
        x: { time: true, range: () => [starts[0]!, starts.at(-1)! + seconds] },
        y: { range: (_plot, _min, max) => [0, max > 0 ? max : 1] },
      },
      axes: axes(short),
      series: [
        {},
        ...parts
          .map(({ colour }) => ({ fill: colour, width: 0, paths, points: { show: false } }))
          .toReversed(),
      ],
      hooks: { setSelect: [onZoom(zoom)] },
    },
  }
}
