/** A config text with a name, and the way from an offset in it to a line and a column. */

/** A half-open range of UTF-16 offsets into `Source.text`. */
export interface Range {
  readonly start: number
  readonly end: number
}

/** A place as a person counts it: both from 1; the column counts characters (code points), a tab is one. */
export interface Position {
  readonly line: number
  readonly column: number
}

/** One config text; `name` is what messages call it, mostly the path of a file. */
export interface Source {
  readonly name: string
  readonly text: string
}

/** Where `offset` lies in the source. An offset past the end is the place just after the last character. */
export function positionAt(source: Source, offset: number): Position {
  const before = source.text.slice(0, offset)
  const lineStart = before.lastIndexOf('\n') + 1
  let line = 1
  for (let at = before.indexOf('\n'); at >= 0; at = before.indexOf('\n', at + 1)) line++
  return { line, column: [...before.slice(lineStart)].length + 1 }
}

/** The whole line (without its end) on which `offset` lies. */
export function lineAt(source: Source, offset: number): string {
  const start = source.text.lastIndexOf('\n', offset - 1) + 1
  const end = source.text.indexOf('\n', offset)
  return source.text.slice(start, end < 0 ? undefined : end).replace(/\r$/, '')
}
