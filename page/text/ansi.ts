/** Text with the colours of terminals (ANSI escape sequences, ECMA-48 section 8.3.117) as pieces with a style each. */

export interface Style {
  /** 0 to 15: one of the terminal's colours; or `rgb(…)`. */
  readonly colour?: number | string
  readonly background?: number | string
  readonly bold?: boolean
  readonly dim?: boolean
  readonly italic?: boolean
  readonly underline?: boolean
}

export interface Piece {
  readonly text: string
  readonly style: Style
}

// CSI … final byte; colours are those that end with m. Then OSC … (BEL or ST), and the other short sequences.
const SEQUENCE = /\u001b(?:\[([\d;:]*)([@-~])|\][^\u0007\u001b]*(?:\u0007|\u001b\\)|[@-Z\\^_])/g

const PLAIN: Style = {}

export function hasAnsi(text: string): boolean {
  return text.includes('\u001b')
}

/** The pieces of a text; sequences that say nothing about style are left out. */
export function piecesOf(text: string): Piece[] {
  if (!hasAnsi(text)) return [{ text, style: PLAIN }]
  const pieces: Piece[] = []
  let style = PLAIN
  let at = 0
  for (const match of text.matchAll(SEQUENCE)) {
    if (match.index > at) pieces.push({ text: text.slice(at, match.index), style })
    at = match.index + match[0].length
    if (match[2] === 'm') style = styled(style, match[1]!)
  }
  if (at < text.length) pieces.push({ text: text.slice(at), style })
  return pieces
}

function styled(before: Style, parameters: string): Style {
  const codes = parameters.split(/[;:]/).map(Number)
  let style = before
  for (let i = 0; i < codes.length; i++) {
    const code = codes[i]!
    if (code === 38 || code === 48) {
      const [colour, taken] = extended(codes, i + 1)
      style = { ...style, [code === 38 ? 'colour' : 'background']: colour }
      i += taken
    } else style = { ...style, ...simple(code) }
  }
  return codes.includes(0) && codes.length === 1 ? PLAIN : style
}

function simple(code: number): Style {
  if (code === 0)
    return {
      colour: undefined,
      background: undefined,
      bold: false,
      dim: false,
      italic: false,
      underline: false,
    }
  if (code === 1) return { bold: true }
  if (code === 2) return { dim: true }
  if (code === 3) return { italic: true }
  if (code === 4) return { underline: true }
  if (code === 22) return { bold: false, dim: false }
  if (code === 23) return { italic: false }
  if (code === 24) return { underline: false }
  if (code >= 30 && code <= 37) return { colour: code - 30 }
  if (code === 39) return { colour: undefined }
  if (code >= 40 && code <= 47) return { background: code - 40 }
  if (code === 49) return { background: undefined }
  if (code >= 90 && code <= 97) return { colour: code - 82 }
  if (code >= 100 && code <= 107) return { background: code - 92 }
  return {}
}

// 5 ; INDEX or 2 ; R ; G ; B
function extended(codes: readonly number[], at: number): [number | string | undefined, number] {
  if (codes[at] === 5) return [indexed(codes[at + 1] ?? 0), 2]
  if (codes[at] !== 2) return [undefined, 0]
  const [red = 0, green = 0, blue = 0] = codes.slice(at + 1, at + 4).map((value) => value & 255)
  return [`rgb(${red} ${green} ${blue})`, 4]
}

// 16 colours, a cube of six steps a side, and 24 greys.
function indexed(index: number): number | string {
  if (index < 16) return index
  if (index >= 232) {
    const grey = 8 + (index - 232) * 10
    return `rgb(${grey} ${grey} ${grey})`
  }
  const step = (value: number): number => (value === 0 ? 0 : 55 + value * 40)
  const cube = index - 16
  return `rgb(${step(Math.floor(cube / 36))} ${step(Math.floor(cube / 6) % 6)} ${step(cube % 6)})`
}
