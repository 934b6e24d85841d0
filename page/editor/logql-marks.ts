/** Colours the tokens of a query with the scanner that the store reads it with. */
import { RangeSetBuilder } from '@codemirror/state'
import {
  Decoration,
  ViewPlugin,
  type DecorationSet,
  type EditorView,
  type ViewUpdate,
} from '@codemirror/view'
import { LogqlError } from '../../lib/logql/syntax/error.ts'
import { scan, type Token } from '../../lib/logql/syntax/scanner.ts'

const mark = (name: string): Decoration => Decoration.mark({ class: `ql-${name}` })

const MARKS = {
  name: mark('name'),
  keyword: mark('keyword'),
  function: mark('function'),
  string: mark('string'),
  number: mark('number'),
  duration: mark('number'),
  bytes: mark('number'),
  range: mark('number'),
  flag: mark('keyword'),
  mark: mark('mark'),
  end: undefined,
}

const BROKEN = mark('broken')

export const logqlMarks = ViewPlugin.fromClass(
  class {
    decorations: DecorationSet

    constructor(view: EditorView) {
      this.decorations = decorate(view.state.doc.toString())
    }

    update(update: ViewUpdate): void {
      if (update.docChanged) this.decorations = decorate(update.state.doc.toString())
    }
  },
  { decorations: (plugin) => plugin.decorations },
)

function decorate(text: string): DecorationSet {
  const marks = new RangeSetBuilder<Decoration>()
  const { tokens, end } = scanned(text)
  for (const { kind, start, end: to } of tokens) {
    const decoration = MARKS[kind]
    if (decoration !== undefined) marks.add(start, to, decoration)
  }
  if (end < text.length) marks.add(end, text.length, BROKEN)
  return marks.finish()
}

/** The tokens up to the place where the text stops being any, which is its end where all is well. */
export function scanned(text: string): { readonly tokens: readonly Token[]; readonly end: number } {
  try {
    return { tokens: scan(text), end: text.length }
  } catch (error) {
    if (!(error instanceof LogqlError)) throw error
    const end = error.offset ?? 0
    // Everything in front of the mistake was read without one.
    return { tokens: end === 0 ? [] : scan(text.slice(0, end)), end }
  }
}
