/** The volume of lines over the range; dragging over it asks for that part. */
import { computed } from '@preact/signals'
import { Chart, colourOf, seriesColour } from '../charts/chart.tsx'
import { stackedBars } from '../charts/stacked-bars.ts'
import { counted, short } from '../numbers.ts'
import { theme } from '../theme.ts'
import { Item, Menu } from '../parts/menu.tsx'
import { lines } from './answer.ts'
import { askFor, asked } from './asked.ts'
import { isLevel, volume, volumeFailure, type Volume } from './volume.ts'

const chart = computed(() => {
  // The colours are read off the style sheet.
  void theme.value
  const now = volume.value
  if (now === undefined) return undefined
  const parts = now.parts.map(({ counts }, i) => ({ counts, colour: partColour(now, i) }))
  return stackedBars({ ...now, parts }, zoom)
})

export function Histogram() {
  const now = volume.value
  if (volumeFailure.value !== '') return <p class="soft note">No histogram: {volumeFailure.value}</p>
  if (now === undefined || chart.value === undefined) return <div class="histogram waiting" />
  const total = now.parts.reduce((sum, part) => sum + part.total, 0)
  return (
    <figure class="histogram">
      <Chart {...chart.value} height={88} label={`Volume: ${counted(total, 'line')}`} />
      <figcaption>
        <span class="total">{counted(total, 'line')}</span>
        {now.parts.slice(0, 12).map((part, i) => (
          <span key={part.name} class="legend">
            <i style={{ background: partColour(now, i) }} />
            {part.name === '' ? 'none' : part.name} <b>{short(part.total)}</b>
          </span>
        ))}
        {now.parts.length > 12 ? <span>and {now.parts.length - 12} more</span> : null}
        <span class="grow" />
        <DividedBy />
      </figcaption>
    </figure>
  )
}

/** Which label divides the bars: any that the lines have. */
function DividedBy() {
  const { by } = asked.value
  const names = new Set<string>()
  for (const { labels, metadata } of lines.value.slice(0, 500))
    for (const name of [...Object.keys(labels), ...Object.keys(metadata)])
      if (/^[A-Za-z_]\w*$/.test(name)) names.add(name)
  names.delete('detected_level')
  return (
    <Menu label={`by ${isLevel(by) ? 'level' : by}`} class="tiny quiet">
      <h2>Divide the bars by</h2>
      <Item current={isLevel(by)} onPick={() => askFor({ by: 'detected_level' })}>
        level
      </Item>
      {[...names].sort().map((name) => (
        <Item key={name} current={by === name} onPick={() => askFor({ by: name })}>
          {name}
        </Item>
      ))}
    </Menu>
  )
}

function partColour({ byLevel, parts }: Volume, index: number): string {
  return byLevel ? colourOf(parts[index]!.name) : seriesColour(index)
}

function zoom(from: number, to: number): void {
  askFor({ from: String(from), to: String(to), live: false })
}
