/** Whether output is coloured: --color, FORCE_COLOR, NO_COLOR, and else whether it goes to a terminal. */
import { LogstreamError } from '../errors.ts'
import { penOf, type Pen } from '../formats/pen.ts'
import type { ColourChoice, Io } from './io.ts'

export const COLOUR_CHOICES: readonly ColourChoice[] = ['auto', 'always', 'never']

/**
 * Takes `--color`, `--color=WHEN` and `--color WHEN` out of a command line; words after `--` are left alone. As with
 * GNU's programs, `--color` alone means always. Throws BAD_USAGE.
 */
export function takeColour(args: readonly string[]): { rest: string[]; colour: ColourChoice } {
  const end = args.indexOf('--')
  const flags = end < 0 ? args : args.slice(0, end)
  const rest: string[] = []
  let colour: ColourChoice = 'auto'
  for (let i = 0; i < flags.length; i++) {
    const [, given] = /^--color(?:=(.*))?$/s.exec(flags[i]!) ?? [undefined, null]
    if (given === null) rest.push(flags[i]!)
    else if (given !== undefined) colour = choiceOf(given)
    else if (isChoice(flags[i + 1])) colour = choiceOf(flags[++i]!)
    else colour = 'always'
  }
  return { rest: end < 0 ? rest : [...rest, ...args.slice(end)], colour }
}

function isChoice(text: string | undefined): text is ColourChoice {
  return COLOUR_CHOICES.some((choice) => choice === text)
}

function choiceOf(text: string): ColourChoice {
  if (isChoice(text)) return text
  throw new LogstreamError('BAD_USAGE', `--color takes ${COLOUR_CHOICES.join(', ')}, found "${text}"`)
}

/**
 * Whether a stream may be coloured. --color decides first. FORCE_COLOR comes before NO_COLOR (https://no-color.org), as
 * in Node; 0 and false turn colour off.
 */
export function mayColour(io: Io, stream: 'stdout' | 'stderr' = 'stdout'): boolean {
  if (io.colour === 'always' || io.colour === 'never') return io.colour === 'always'
  const { FORCE_COLOR: force, NO_COLOR: no } = io.env
  if (force !== undefined) return force !== '0' && force !== 'false'
  if (no) return false
  return io[stream].isTTY === true && io.env['TERM'] !== 'dumb'
}

export function penFor(io: Io, stream: 'stdout' | 'stderr' = 'stdout'): Pen {
  return penOf(mayColour(io, stream))
}
