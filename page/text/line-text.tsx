/** The text of a line on the page: terminal colours shown, searched texts marked, nothing in it able to do anything. */
import { hasAnsi, piecesOf, type Piece, type Style } from './ansi.ts'
import { visible } from './visible.ts'

/** More of a line than this is shown only when it's opened. */
const MOST = 2000

export interface LineTextProps {
  readonly text: string
  /** Marked wherever they are. */
  readonly searched: readonly string[]
  readonly most?: number
  /** Characters of the whole line, where `text` is only its beginning. */
  readonly length?: number
}

export function LineText({ text, searched, most = MOST, length = text.length }: LineTextProps) {
  const cut = length > most
  const shown = cut ? text.slice(0, most) : text
  return (
    <>
      {hasAnsi(shown)
        ? piecesOf(shown).map((piece, i) => <Coloured key={i} piece={piece} searched={searched} />)
        : marked(visible(shown), searched)}
      {cut ? <span class="cut"> … {length.toLocaleString('en-US')} characters</span> : null}
    </>
  )
}

function Coloured({ piece: { text, style }, searched }: { piece: Piece; searched: readonly string[] }) {
  return (
    <span
      class={classOf(style)}
      style={{ color: custom(style.colour), backgroundColor: custom(style.background) }}
    >
      {marked(visible(text), searched)}
    </span>
  )
}

function classOf({ colour, background, bold, dim, italic, underline }: Style): string {
  return [
    typeof colour === 'number' ? `ansi-${colour}` : '',
    typeof background === 'number' ? `ansi-bg-${background}` : '',
    bold === true ? 'ansi-bold' : '',
    dim === true ? 'ansi-dim' : '',
    italic === true ? 'ansi-italic' : '',
    underline === true ? 'ansi-underline' : '',
  ]
    .filter((name) => name !== '')
    .join(' ')
}

function custom(colour: number | string | undefined): string | undefined {
  return typeof colour === 'string' ? colour : undefined
}

function marked(text: string, searched: readonly string[]) {
  if (searched.length === 0) return text
  const parts: (string | preact.JSX.Element)[] = []
  let at = 0
  while (at < text.length) {
    let next = -1
    let found = ''
    for (const each of searched) {
      const place = text.indexOf(each, at)
      if (place >= 0 && (next < 0 || place < next)) {
        next = place
        found = each
      }
    }
    if (next < 0) break
    if (next > at) parts.push(text.slice(at, next))
    parts.push(<mark key={next}>{found}</mark>)
    at = next + found.length
  }
  parts.push(text.slice(at))
  return parts
}
