/** Metrics drawn for a terminal: lines of braille dots over time, or a bar for each series of one moment. */
import type { Pen, Style } from '../formats/pen.ts'
import { seriesText, shortNumber, wallTime } from './chart-text.ts'

export interface ChartSeries {
  readonly labels: Readonly<Record<string, string>>
  /** Milliseconds since 1970 and a value, in the order of time. */
  readonly points: readonly (readonly [number, number])[]
}

export interface ChartScreen {
  /** Columns. */
  readonly width: number
  readonly pen: Pen
  /** Without colour each series is drawn with a letter of its own. */
  readonly colour: boolean
}

const ROWS = 12
/** More lines than this cannot be told apart. */
const MOST = 8
const STYLES: readonly Style[] = ['cyan', 'yellow', 'green', 'magenta', 'red', 'blue']
const LETTERS = 'abcdefgh'
/** Bits of a braille character by row, left and right. */
const DOTS: readonly (readonly [number, number])[] = [
  [0x01, 0x08],
  [0x02, 0x10],
  [0x04, 0x20],
  [0x40, 0x80],
]

export function chartText(all: readonly ChartSeries[], screen: ChartScreen): string {
  const series = all
    .map((each) => ({ ...each, points: each.points.filter(([, value]) => Number.isFinite(value)) }))
    .filter(({ points }) => points.length > 0)
  if (series.length === 0) return 'nothing found\n'
  if (series.every(({ points }) => points.length === 1)) return bars(series, screen)
  const largest = series.toSorted((a, b) => peak(b) - peak(a)).slice(0, MOST)
  return lines(largest, series.length - largest.length, screen)
}

function peak({ points }: ChartSeries): number {
  return points.reduce((most, [, value]) => Math.max(most, Math.abs(value)), 0)
}

interface Frame {
  readonly from: number
  readonly to: number
  readonly low: number
  readonly high: number
  /** Characters. */
  readonly columns: number
}

function lines(series: readonly ChartSeries[], more: number, screen: ChartScreen): string {
  const points = series.flatMap((each) => each.points)
  const values = points.map(([, value]) => value)
  const times = points.map(([time]) => time)
  const low = Math.min(
    0,
    values.reduce((a, b) => Math.min(a, b)),
  )
  const top = values.reduce((a, b) => Math.max(a, b))
  const high = top > low ? top : low + 1
  const marks = [high, (high + low) / 2, low].map(shortNumber)
  const margin = Math.max(...marks.map((mark) => mark.length))
  const frame: Frame = {
    from: times.reduce((a, b) => Math.min(a, b)),
    to: times.reduce((a, b) => Math.max(a, b)),
    low,
    high,
    columns: Math.max(10, screen.width - margin - 3),
  }
  const cells = drawn(series, frame, screen)
  const rows = cells.map((row, i) => {
    const mark = i === 0 ? marks[0]! : i === ROWS / 2 ? marks[1]! : i === ROWS - 1 ? marks[2]! : ''
    return `${screen.pen('dim', `${mark.padStart(margin)} ${mark === '' ? '│' : '┤'}`)}${row.join('').trimEnd()}`
  })
  const blank = ' '.repeat(margin + 1)
  const legend = series.map((each, i) => `  ${legendLine(each, i, screen)}`)
  if (more > 0)
    legend.push(`  and ${more === 1 ? 'one smaller series' : `${more} smaller series`}: --output table`)
  return `${[
    ...rows,
    screen.pen('dim', `${blank}└${'─'.repeat(frame.columns)}`),
    screen.pen('dim', `${blank} ${timeAxis(frame)}`),
    ...legend,
  ].join('\n')}\n`
}

function drawn(series: readonly ChartSeries[], frame: Frame, { pen, colour }: ChartScreen): string[][] {
  const bits = Array.from({ length: ROWS }, () => new Uint8Array(frame.columns))
  const owner = Array.from({ length: ROWS }, () => new Uint8Array(frame.columns))
  series.forEach(({ points }, i) => {
    for (const [x, y] of dotsOf(points, frame)) {
      const [row, column] = [y >> 2, x >> 1]
      bits[row]![column]! |= DOTS[y & 3]![x & 1]!
      owner[row]![column] = i
    }
  })
  return bits.map((row, y) =>
    Array.from(row, (dots, x) => {
      if (dots === 0) return ' '
      const of = owner[y]![x]!
      if (!colour && series.length > 1) return LETTERS[of]!
      return pen(styleOf(of), String.fromCodePoint(0x2800 + dots))
    }),
  )
}

/** The dots of one series from the top left; neighbours in time are joined, unless points are missing between them. */
function* dotsOf(points: ChartSeries['points'], frame: Frame): Generator<[number, number]> {
  const [width, height] = [frame.columns * 2 - 1, ROWS * 4 - 1]
  const span = Math.max(1, frame.to - frame.from)
  const step = points.reduce(
    (least, [time], i) => (i === 0 ? least : Math.min(least, time - points[i - 1]![0])),
    Infinity,
  )
  let before: readonly [number, number, number] | undefined
  for (const [time, value] of points) {
    const x = Math.round(((time - frame.from) / span) * width)
    const y = Math.round((1 - (value - frame.low) / (frame.high - frame.low)) * height)
    const joined = before !== undefined && time - before[2] <= step * 1.5 ? before : ([x, y, time] as const)
    const steps = Math.max(1, Math.abs(x - joined[0]), Math.abs(y - joined[1]))
    for (let i = 0; i <= steps; i++)
      yield [
        Math.round(joined[0] + ((x - joined[0]) * i) / steps),
        Math.round(joined[1] + ((y - joined[1]) * i) / steps),
      ]
    before = [x, y, time]
  }
}

function timeAxis({ from, to, columns }: Frame): string {
  const long = to - from > 86_400_000
  const [start, middle, end] = [from, (from + to) / 2, to].map((time) => wallTime(time, long))
  const last = `${end!} UTC`
  const free = columns - start!.length - last.length - middle!.length
  if (free < 4) return `${start!}${' '.repeat(Math.max(1, columns - start!.length - last.length))}${last}`
  const left = Math.max(2, Math.round(columns / 2 - start!.length - middle!.length / 2))
  return `${start!}${' '.repeat(left)}${middle!}${' '.repeat(Math.max(2, free - left))}${last}`
}

function legendLine({ labels, points }: ChartSeries, i: number, { pen, colour, width }: ChartScreen): string {
  const mark = colour ? pen(styleOf(i), '━━') : `${LETTERS[i]!} `
  const last = shortNumber(points.at(-1)![1])
  const most = shortNumber(points.reduce((high, [, value]) => Math.max(high, value), -Infinity))
  const figures = `last ${last}, max ${most}`
  return `${mark} ${seriesText(labels, width - figures.length - 9)}  ${pen('dim', figures)}`
}

function styleOf(i: number): Style {
  return STYLES[i % STYLES.length]!
}

const EIGHTHS = ' ▏▎▍▌▋▊▉█'

function bars(series: readonly ChartSeries[], { width, pen }: ChartScreen): string {
  const rows = series.map(({ labels, points }) => ({
    name: seriesText(labels, Math.floor(width * 0.5)),
    value: points[0]![1],
    text: shortNumber(points[0]![1]),
  }))
  const names = Math.max(...rows.map(({ name }) => name.length))
  const texts = Math.max(...rows.map(({ text }) => text.length))
  const room = Math.max(4, width - names - texts - 4)
  const most = Math.max(...rows.map(({ value }) => Math.abs(value))) || 1
  return rows
    .map(({ name, value, text }) => {
      const eighths = Math.round((Math.abs(value) / most) * room * 8)
      const bar = '█'.repeat(eighths >> 3) + (eighths & 7 ? EIGHTHS[eighths & 7]! : '')
      return `${name.padEnd(names)}  ${text.padStart(texts)}  ${pen(value < 0 ? 'red' : 'cyan', bar)}\n`
    })
    .join('')
}
