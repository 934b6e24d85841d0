/** Diagnostics for readers who must not see the secrets of the config: a log, a client of the admin server. */
import { printDiagnostic, type Diagnostic } from '../alloy/diagnostic.ts'
import { masked } from './hidden-parts.ts'
import { HIDDEN, secretRangesInUrls } from './secrets.ts'

/** As `printDiagnostic`, with stars over the secrets of the line. */
export function sayDiagnostic(diagnostic: Diagnostic): string {
  let { message } = diagnostic
  for (const { start, end } of secretRangesInUrls(message).toReversed())
    message = message.slice(0, start) + HIDDEN + message.slice(end)
  return printDiagnostic({ ...diagnostic, message, source: masked(diagnostic.source) })
}
