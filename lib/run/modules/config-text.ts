/** The texts of a config: one file, or the files of a folder read as one, with each mistake shown in its own file. */
import type { Diagnostic } from '../../alloy/diagnostic.ts'
import type { Source } from '../../alloy/source.ts'

export interface ConfigText {
  readonly source: Source
  /** The value of `module_path`. */
  readonly modulePath: string
}

/** Several texts as one, and the way back from a place in it to its file. */
export interface JoinedText {
  readonly source: Source
  readonly inItsFile: (diagnostic: Diagnostic) => Diagnostic
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
    inItsFile: (diagnostic) => {
      if (diagnostic.source !== joined) return diagnostic
      const { start, end } = diagnostic.range
      const at = starts.findLastIndex((each) => each <= start)
      const { source } = texts[at]!
      const from = starts[at]!
      return {
        ...diagnostic,
        source,
        range: { start: start - from, end: Math.min(end - from, source.text.length) },
      }
    },
  }
}
