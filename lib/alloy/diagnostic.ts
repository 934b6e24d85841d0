/** What is wrong with a config, where, and how it is shown: `file:line:column`, the line, and a caret under it. */
import { PLAIN, type Pen } from '../formats/pen.ts'
import { lineAt, positionAt, type Range, type Source } from './source.ts'

/** One finding. An error refuses the config; a warning is shown and the config runs. */
export interface Diagnostic {
  readonly severity: 'error' | 'warning'
  readonly message: string
  readonly source: Source
  readonly range: Range
  /** What a flag asks for: it is told, but nothing is wrong. */
  readonly expected?: boolean
}

/** A fresh error diagnostic. */
export function errorAt(source: Source, range: Range, message: string): Diagnostic {
  return { severity: 'error', message, source, range }
}

/** A fresh warning diagnostic. */
export function warningAt(source: Source, range: Range, message: string): Diagnostic {
  return { severity: 'warning', message, source, range }
}

/** In the order of the text: those in `first`, then those in other sources, as they come. */
export function inTextOrder(diagnostics: readonly Diagnostic[], first: Source): Diagnostic[] {
  const sources = [...new Set([first, ...diagnostics.map(({ source }) => source)])]
  return diagnostics.toSorted(
    (a, b) => sources.indexOf(a.source) - sources.indexOf(b.source) || a.range.start - b.range.start,
  )
}

/** `config.alloy:3:7`, as editors and terminals link it. */
export function placeOf(diagnostic: Diagnostic): string {
  const { line, column } = positionAt(diagnostic.source, diagnostic.range.start)
  return `${diagnostic.source.name}:${line}:${column}`
}

/**
 * The diagnostic as text of several lines: place and message, the source line, and carets under the range
 * (to the end of the line if the range continues).
 */
export function printDiagnostic(diagnostic: Diagnostic, pen: Pen = PLAIN): string {
  const { source, range, severity, message } = diagnostic
  const { line, column } = positionAt(source, range.start)
  const text = lineAt(source, range.start)
  const gutter = String(line)
  const lead = [...text].slice(0, column - 1)
  const pad = lead.map((c) => (c === '\t' ? '\t' : ' ')).join('')
  const room = Math.max(1, [...text].length - column + 1)
  const length = Math.max(1, Math.min(room, [...source.text.slice(range.start, range.end)].length))
  const colour = severity === 'error' ? 'red' : 'yellow'
  return [
    `${pen('bold', `${source.name}:${line}:${column}:`)} ${pen(colour, `${severity}:`)} ${message}`,
    `${pen('dim', `${gutter} |`)} ${text}`,
    `${pen('dim', `${' '.repeat(gutter.length)} |`)} ${pad}${pen(colour, '^'.repeat(length))}`,
  ].join('\n')
}
