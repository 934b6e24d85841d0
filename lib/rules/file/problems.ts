/** What is wrong with a YAML file, and where. */
import { positionAt, type Source } from '../../alloy/source.ts'
import type { Node, ScalarNode } from '../../go/yaml/tree.ts'

export interface Problem {
  readonly file: string
  readonly line: number
  readonly column: number
  readonly message: string
}

export function problemText({ file, line, column, message }: Problem): string {
  return `${file}:${line}:${column}: ${message}`
}

/** Collects the problems of one file. */
export class Problems {
  readonly found: Problem[] = []
  readonly #source: Source

  constructor(source: Source) {
    this.#source = source
  }

  /** `at` in UTF-16 units from the start of the file. */
  add(at: number, message: string): void {
    const problem = { file: this.#source.name, ...positionAt(this.#source, at), message }
    // What is read twice is wrong twice.
    if (!this.found.some((each) => problemText(each) === problemText(problem))) this.found.push(problem)
  }

  at({ range }: Node, message: string): void {
    this.add(range.start, message)
  }

  /** A problem inside a scalar, `offset` in its value. */
  inside(node: ScalarNode, offset: number, message: string): void {
    this.add(placeIn(this.#source.text, node, offset), message)
  }

  /** In the order of the file. */
  sorted(): readonly Problem[] {
    return this.found.toSorted((a, b) => a.line - b.line || a.column - b.column)
  }
}

/** Where in the file an offset of a scalar's value is; the start of the scalar where escapes or folding move it. */
function placeIn(text: string, { text: value, range }: ScalarNode, offset: number): number {
  const written = text.slice(range.start, range.end)
  const verbatim = /^["']/.test(written) ? 1 : 0
  if (written.startsWith(value, verbatim)) return range.start + verbatim + offset
  if (!written.startsWith('|')) return range.start
  // A literal block: the lines of the value are those that follow, without their indentation.
  const before = value.slice(0, offset).split('\n')
  let start = range.start
  for (let i = 0; i < before.length; i++) start = text.indexOf('\n', start) + 1
  const line = value.split('\n')[before.length - 1] ?? ''
  const end = text.indexOf('\n', start)
  const whole = text.slice(start, end < 0 ? undefined : end).replace(/\r$/, '')
  return whole.endsWith(line) ? start + whole.length - line.length + before.at(-1)!.length : range.start
}
