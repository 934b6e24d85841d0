/** Diagnostics for places where secrets of the config must not appear: the log, and clients of the admin server. */
import { printDiagnostic, type Diagnostic } from '../alloy/diagnostic.ts'
import { masked } from './hidden-parts.ts'
import type { Pen } from '../formats/pen.ts'
import { HIDDEN, secretRangesInUrls } from './secrets.ts'

/** As `printDiagnostic`, with stars over the secrets of the line. */
export function sayDiagnostic(diagnostic: Diagnostic, pen?: Pen): string {
  const said = { ...diagnostic, message: sayMessage(diagnostic), source: masked(diagnostic.source) }
  return printDiagnostic(said, pen)
}

/** The message alone. */
export function sayMessage({ message }: Diagnostic): string {
  let text = message
  for (const { start, end } of secretRangesInUrls(message).toReversed())
    text = text.slice(0, start) + HIDDEN + text.slice(end)
  return text
}
