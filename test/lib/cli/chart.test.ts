import t from 'tap'
import { chartText, type ChartScreen, type ChartSeries } from '../../../lib/cli/chart.ts'
import { shortNumber } from '../../../lib/cli/chart-text.ts'
import { penOf, PLAIN } from '../../../lib/formats/pen.ts'

const SCREEN: ChartScreen = { width: 40, pen: PLAIN, colour: false }
const START = Date.parse('2026-11-28T10:00:00Z')
const MINUTE = 60_000

const ramp = (name: string, of: (i: number) => number, count = 11): ChartSeries => ({
  labels: { level: name },
  points: Array.from({ length: count }, (_, i) => [START + i * MINUTE, of(i)] as const),
})

void t.test('a line from the bottom left to the top right', (tap) => {
  const rows = chartText([ramp('info', (i) => i * 10)], SCREEN).split('\n')
  tap.ok(rows.every((row) => row.length <= SCREEN.width))
  tap.match(rows[0], /^100 ┤ +\S+$/)
  tap.match(rows[6], /^ 50 ┤ +\S+$/)
  tap.match(rows[11], /^ {2}0 ┤\S+$/)
  tap.ok(
    rows.slice(0, 12).every((row) => /[\u2801-\u28ff]/.test(row)),
    'without a gap',
  )
  tap.match(rows[13], /^ {5}10:00 +10:05 +10:10 UTC$/)
  tap.match(rows[14], /^ {2}a {2}\{level="info"\} {2}last 100, max 100$/)
  tap.end()
})

void t.test('several lines have colours, or letters without', (tap) => {
  const series = [ramp('info', () => 5), ramp('error', () => 1)]
  const plain = chartText(series, SCREEN)
  tap.match(plain, /┤a+\n/)
  tap.match(plain, /│b+\n/)
  const coloured = chartText(series, { ...SCREEN, colour: true, pen: penOf(true) })
  tap.match(coloured, '\u001b[36m')
  tap.match(coloured, '\u001b[33m')
  const many = chartText(
    Array.from({ length: 11 }, (_, i) => ramp(`${i}`, () => i)),
    SCREEN,
  )
  tap.match(many, /and 3 smaller series: --output table\n$/)
  tap.end()
})

void t.test('missing points leave a gap; what is no number is left out', (tap) => {
  const { labels, points } = ramp('info', () => 3)
  const gap = [...points.slice(0, 3), ...points.slice(8)]
  tap.match(chartText([{ labels, points: gap }], SCREEN), /┤\S+ {5,}\S+\n/)
  const nan = [...points, [START + 11 * MINUTE, NaN] as const]
  tap.match(chartText([{ labels, points: nan }], SCREEN), 'last 3, max 3')
  tap.equal(chartText([{ labels, points: [[START, NaN]] }], SCREEN), 'nothing found\n')
  tap.equal(chartText([], SCREEN), 'nothing found\n')
  tap.end()
})

void t.test('one moment: a bar for each series', (tap) => {
  const series = [ramp('info', () => 40, 1), ramp('error', () => 10, 1), ramp('none', () => 0, 1)]
  const [info, error, none] = chartText(series, SCREEN).split('\n')
  tap.match(info, /^\{level="info"\} {3}40 {2}█{19}$/)
  tap.match(error, /^\{level="error"\} {2}10 {2}█{4}▊$/)
  tap.match(none, /^\{level="none"\} {4}0 {2}$/)
  tap.end()
})

void t.test('numbers in three or four digits', (tap) => {
  const cases: [number, string][] = [
    [0, '0'],
    [0.00012345, '0.000123'],
    [12.345, '12.3'],
    [9999, '9999'],
    [12_345, '12.3k'],
    [4_560_000, '4.56M'],
    [-2.5e9, '-2.5G'],
    [1e13, '10T'],
  ]
  for (const [value, text] of cases) tap.equal(shortNumber(value), text)
  tap.end()
})
