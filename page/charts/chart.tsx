/** One uPlot chart as a component: as wide as its place, drawn again when its data or the colours change. */
import { useEffect, useRef } from 'preact/hooks'
import uPlot from 'uplot'
import { theme } from '../theme.ts'

/** What uPlot draws, but for its size. */
export interface Drawing {
  readonly options: Omit<uPlot.Options, 'width' | 'height'>
  readonly data: uPlot.AlignedData
}

/** Called with the range that was dragged over, in milliseconds since 1970. */
export type Zoom = (from: number, to: number) => void

interface ChartProps extends Drawing {
  readonly height: number
  readonly label: string
}

export function Chart({ options, data, height, label }: ChartProps) {
  const box = useRef<HTMLDivElement>(null)
  const colours = theme.value
  useEffect(() => {
    const parent = box.current!
    const size = (): { width: number; height: number } => ({
      width: Math.max(50, parent.clientWidth),
      height,
    })
    const plot = new uPlot({ ...options, ...size() }, data, parent)
    const watcher = new ResizeObserver(() => plot.setSize(size()))
    watcher.observe(parent)
    return () => {
      watcher.disconnect()
      plot.destroy()
    }
  }, [options, data, height, colours])
  return <div class="chart" ref={box} role="img" aria-label={label} style={{ minHeight: `${height}px` }} />
}

/** uPlot's hook for a selection; a click that moved by a hair selects nothing. */
export function onZoom(zoom: Zoom): (plot: uPlot) => void {
  return (plot) => {
    const { left, width } = plot.select
    if (width < 4) return
    const at = (x: number): number => Math.round(plot.posToVal(x, 'x') * 1000)
    if (at(left + width) > at(left)) zoom(at(left), at(left + width))
  }
}

/** A colour of the style sheet, as a canvas takes it. */
export function colourOf(name: string): string {
  const probe = document.createElement('span')
  probe.style.color = `var(--${name})`
  document.body.append(probe)
  const { color } = getComputedStyle(probe)
  probe.remove()
  return color
}

/** Colours of series, the same for the same place; they differ for those who see no red or green too. */
const PALETTE = [
  'series-1',
  'series-2',
  'series-3',
  'series-4',
  'series-5',
  'series-6',
  'series-7',
  'series-8',
]

export function seriesColour(index: number): string {
  return colourOf(PALETTE[index % PALETTE.length]!)
}

/** The axes that all charts share. */
export function axes(valueOf: (value: number) => string): uPlot.Axis[] {
  const stroke = colourOf('soft')
  const grid = { stroke: colourOf('line'), width: 1 }
  const font = '11px system-ui, sans-serif'
  return [
    {
      stroke,
      grid: { show: false },
      ticks: { show: false },
      font,
      size: 22,
      gap: 4,
      space: 70,
      values: (_plot, splits, _axis, _space, step) => splits.map((value) => tick(value, step)),
    },
    {
      stroke,
      grid,
      ticks: { show: false },
      font,
      size: 44,
      gap: 6,
      space: 28,
      values: (_plot, splits) => splits.map((value) => valueOf(value)),
    },
  ]
}

const two = (value: number): string => String(value).padStart(2, '0')

/** As much of a moment as tells it from its neighbours, which are `step` seconds apart. */
function tick(seconds: number, step: number): string {
  const at = new Date(seconds * 1000)
  const day = `${two(at.getMonth() + 1)}-${two(at.getDate())}`
  if (step >= 86_400) return day
  const clock = `${two(at.getHours())}:${two(at.getMinutes())}`
  if (clock === '00:00' && step >= 3600) return day
  return step >= 60 ? clock : `${clock}:${two(at.getSeconds())}`
}
