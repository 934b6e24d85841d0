/** The texts of a config: one file, or the files of a folder read as one, with each mistake shown in its own file. */
import type { Range, Source } from '../../alloy/source.ts'

export interface ConfigText {
  readonly source: Source
  /** The value of `module_path`. */
  readonly modulePath: string
}

/** Something at a place: a diagnostic, a declaration. */
interface Placed {
  readonly source: Source
  readonly range: Range
}

/** Several texts as one, and the way back from a place in it to its file. */
export interface JoinedText {
  readonly source: Source
  readonly inItsFile: <T extends Placed>(found: T) => T
}

/** Joins the files of a folder, as Alloy does: they are one config. */
export function joinTexts(texts: readonly ConfigText[]): JoinedText {
  const [first] = texts
  if (first !== undefined && texts.length === 1) return { source: first.source, inItsFile: (found) => found }
  const starts: number[] = []
  let text = ''
  for (const { source } of texts) {
    starts.push(text.length)
    text += `${source.text}\n`
  }
  const joined = { name: first?.source.name ?? 'config', text }
  return {
    source: joined,
    inItsFile: (found) => {
      if (found.source !== joined) return found
      const { start, end } = found.range
      const at = starts.findLastIndex((each) => each <= start)
      const { source } = texts[at]!
      const from = starts[at]!
      return {
        ...found,
        source,
        range: { start: start - from, end: Math.min(end - from, source.text.length) },
      }
    },
  }
}
