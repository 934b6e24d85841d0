/** Colours for a terminal: a pen that is decided on once, and either colours or does nothing. */
import { styleText } from 'node:util'

export type Style = 'bold' | 'dim' | 'red' | 'green' | 'yellow' | 'blue' | 'magenta' | 'cyan'

/** Colours a text, or returns it as it is. */
export interface Pen {
  (style: Style, text: string): string
}

export const PLAIN: Pen = (_style, text) => text

// Node 22 and later would look at standard output by itself, where --color=always must win.
const COLOURED: Pen = (style, text) => styleText(style, text, { validateStream: false })

export function penOf(colour: boolean): Pen {
  return colour ? COLOURED : PLAIN
}
