/** What the demo shows: a block of figures that is redrawn on a terminal; elsewhere, a line every two seconds. */
import { penOf } from '../../formats/pen.ts'

export interface DemoFigures {
  readonly seconds: number
  readonly read: number
  readonly delivered: number
  readonly parsed: number
  readonly failed: number
  readonly inFlight: number
  readonly perSecond: number
  /** The latest line that could not be parsed. */
  readonly lastFailure: string
}

export interface DemoPlaces {
  readonly config: string
  readonly log: string
  readonly url: string
  readonly loki: string
  /** Commands to try. */
  readonly queries: readonly string[]
}

/** The block for a terminal of `columns` columns. */
export function demoBlock(
  figures: DemoFigures,
  places: DemoPlaces,
  columns: number,
  colour: boolean,
): string {
  const pen = penOf(colour)
  const strong = (text: string): string => pen('bold', text)
  const dim = (text: string): string => pen('dim', text)
  const rows: [string, string][] = [
    ['lines read', `${count(figures.read)}   ${strong(`${count(Math.round(figures.perSecond))}/s`)}`],
    ['delivered', `${count(figures.delivered)}   in flight ${count(figures.inFlight)}`],
    ['parse status', parseStatus(figures)],
    ['last failure', clip(figures.lastFailure === '' ? 'none' : figures.lastFailure, columns - 18)],
  ]
  const links: [string, string][] = [
    ['metrics', `${places.url}/metrics`],
    ['config', places.config],
    ['log file', places.log],
    ['Loki', places.loki],
  ]
  const line = ([name, value]: [string, string]): string => `  ${dim(name.padEnd(13))} ${value}`
  return [
    `${strong(`${places.url}/`)}${dim('  the page; Ctrl-C stops')}`,
    '',
    ...rows.map(line),
    '',
    ...links.map(line),
    '',
    ...places.queries.map((query) => `  ${dim('try')} ${query}`),
    '',
  ].join('\n')
}

/** The figures on one line, for logs. */
export function demoLine(figures: DemoFigures): string {
  return `${figures.seconds}s: ${count(figures.read)} ${figures.read === 1 ? 'line' : 'lines'} read (${count(Math.round(figures.perSecond))}/s), ${count(figures.delivered)} delivered, ${parseStatus(figures)}`
}

function parseStatus({ parsed, failed }: DemoFigures): string {
  const all = parsed + failed
  const share = all === 0 ? 0 : (100 * failed) / all
  return `${count(parsed)} success, ${count(failed)} failed (${share.toFixed(1)} %)`
}

function count(value: number): string {
  return value.toLocaleString('en-US')
}

// Log content goes to a terminal here: control characters would let a line move the cursor.
function clip(text: string, width: number): string {
  const plain = text.replace(/\p{Cc}/gu, ' ')
  return plain.length <= width ? plain : `${plain.slice(0, Math.max(0, width - 1))}…`
}
