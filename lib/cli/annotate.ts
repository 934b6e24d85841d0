/**
 * Annotations of a pull request: in GitHub Actions, which sets `GITHUB_ACTIONS`, what is wrong is also written to standard
 * error as a workflow command, and shows up beside its line.
 * https://docs.github.com/actions/reference/workflow-commands-for-github-actions
 */
import { relative, resolve } from 'node:path'
import type { Diagnostic } from '../alloy/diagnostic.ts'
import { positionAt } from '../alloy/source.ts'
import type { Io } from './io.ts'

export interface Annotation {
  readonly severity: 'error' | 'warning'
  readonly file: string
  /** From 1. */
  readonly line?: number
  readonly column?: number
  readonly title: string
  readonly message: string
}

/** Writes the annotation if this runs in GitHub Actions. */
export function annotate(annotation: Annotation, io: Io): void {
  if (io.env['GITHUB_ACTIONS'] !== 'true') return
  io.stderr.write(`${workflowCommand(annotation, io.env['GITHUB_WORKSPACE'] ?? '.')}\n`)
}

/** Annotates where a diagnostic points. */
export function annotateDiagnostic({ severity, message, source, range }: Diagnostic, io: Io): void {
  // The place of a config from a command line or a pipe isn't in the repository.
  if (source.name.startsWith('<')) return
  const { line, column } = positionAt(source, range.start)
  annotate({ severity, file: source.name, line, column, title: 'logstream', message }, io)
}

/** `::error file=a.alloy,line=3,col=7,title=logstream::message`, with the file relative to the workspace. */
export function workflowCommand(
  { severity, file, line, column, title, message }: Annotation,
  workspace: string,
): string {
  const path = relative(resolve(workspace), resolve(file)).replaceAll('\\', '/')
  const properties = Object.entries({ file: path, line, col: column, title })
    .filter(([, value]) => value !== undefined)
    .map(([name, value]) => `${name}=${property(String(value))}`)
  return `::${severity} ${properties.join(',')}::${data(message)}`
}

// As in @actions/core: the rest of a command line is data, in which only line ends would end it.
function data(text: string): string {
  return text.replaceAll('%', '%25').replaceAll('\r', '%0D').replaceAll('\n', '%0A')
}

function property(text: string): string {
  return data(text).replaceAll(':', '%3A').replaceAll(',', '%2C')
}
