/** The drawing of the ledger as a flow; the figures and the table beside it say the same in numbers. */
import { follow, viewAddress } from '../location.ts'
import { grouped } from '../numbers.ts'
import { status } from '../status.ts'
import { visible } from '../text/visible.ts'
import { BOX_WIDTH, flowDrawing, type FlowBand, type FlowBox } from './flow-layout.ts'

export function LedgerFlow() {
  const drawing = flowDrawing(status.value!)
  if (drawing === undefined) return <p class="soft">No line was read yet.</p>
  const { width, height, boxes, bands } = drawing
  return (
    <div class="flow" tabIndex={0} role="group" aria-label="From sources to sinks">
      <svg width={width} height={height} viewBox={`0 0 ${width} ${height}`}>
        {bands.map((band, i) => (
          <path key={i} class={`band ${band.kind}`} d={shapeOf(band)} />
        ))}
        {boxes.map((box) => (
          <Box key={`${box.x} ${box.name}`} box={box} />
        ))}
      </svg>
    </div>
  )
}

function Box({ box: { name, count, kind, fullId, x, y, height } }: { box: FlowBox }) {
  const text = (
    <text x={x + BOX_WIDTH + 8} y={y + 12}>
      {clipped(visible(name))}
      <tspan class="count" x={x + BOX_WIDTH + 8} dy="15">
        {grouped(count)}
      </tspan>
    </text>
  )
  return (
    <g class={`box ${kind}`}>
      <title>{`${visible(name)}: ${grouped(count)}`}</title>
      <rect x={x} y={y} width={BOX_WIDTH} height={height} />
      {fullId === undefined ? (
        text
      ) : (
        <a href={viewAddress('pipeline', { component: fullId })} onClick={follow}>
          {text}
        </a>
      )}
    </g>
  )
}

function clipped(name: string): string {
  return name.length > 34 ? `${name.slice(0, 33)}…` : name
}

function shapeOf({ from, to, fromHeight, toHeight }: FlowBand): string {
  const middle = (from.x + to.x) / 2
  const side = (a: { x: number; y: number }, b: { x: number; y: number }): string =>
    `C${middle} ${a.y} ${middle} ${b.y} ${b.x} ${b.y}`
  const below = (at: { x: number; y: number }, height: number): { x: number; y: number } => ({
    x: at.x,
    y: at.y + height,
  })
  const end = below(to, toHeight)
  return `M${from.x} ${from.y}${side(from, to)}L${end.x} ${end.y}${side(end, below(from, fromHeight))}Z`
}
