/** Diagnostics on standard error: in the order of the text, coloured on a terminal, annotated in GitHub Actions. */
import { inTextOrder, printDiagnostic, type Diagnostic } from '../alloy/diagnostic.ts'
import type { Pen } from '../formats/pen.ts'
import { annotateDiagnostic } from './annotate.ts'
import { penFor } from './colour.ts'
import type { Io } from './io.ts'

/** `print` says how one becomes text; `sayDiagnostic` where secrets must not show. */
export function showDiagnostics(
  diagnostics: readonly Diagnostic[],
  io: Io,
  print: (diagnostic: Diagnostic, pen: Pen) => string = printDiagnostic,
): void {
  const [first] = diagnostics
  if (first === undefined) return
  const pen = penFor(io, 'stderr')
  for (const each of inTextOrder(diagnostics, first.source)) {
    io.stderr.write(`${print(each, pen)}\n\n`)
    if (each.expected !== true) annotateDiagnostic(each, io)
  }
}
