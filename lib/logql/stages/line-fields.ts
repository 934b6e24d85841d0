/** Which pipelines depend on nothing but a few fields of a line, and how those are found in its bytes. */
import { PatternFields } from '../../formats/pattern-bytes.ts'
import { compilePattern } from '../../formats/pattern.ts'
import type { StageExpression } from '../syntax/ast.ts'
import type { Hints } from '../syntax/hints.ts'
import { DUPLICATE_SUFFIX } from '../syntax/label-names.ts'
import { JsonFields } from './json-fields.ts'

export interface LineFields {
  /** The labels that the fields are for. */
  readonly names: readonly string[]
  /** By field, after `scan`: where its value lies; a start of -1: the line doesn't have it. */
  readonly starts: Int32Array
  readonly ends: Int32Array
  /** Finds the fields of the line in [from, to). Returns `false` when the line has to go through the stages. */
  scan(bytes: Uint8Array, from: number, to: number): boolean
}

/**
 * The fields that decide what becomes of a line, besides its stream and metadata: those of a parser that only label
 * filters follow. `undefined` where stages see more of a line.
 */
export function lineFieldsOf(stages: readonly StageExpression[], hints: Hints): LineFields | undefined {
  const [parser, ...rest] = stages
  if (parser === undefined || rest.some(({ kind }) => kind !== 'label_filter')) return undefined
  const names = namesOf(parser, hints)
  // Of `a`, which becomes `a_extracted`, and `a_extracted` itself the first one counts.
  if (names === undefined || names.some((name) => name.endsWith(DUPLICATE_SUFFIX))) return undefined
  const found = parser.kind === 'pattern' ? new PatternFields(parser.pattern, names) : new JsonFields(names)
  return { names, starts: found.starts, ends: found.ends, scan: found.scan.bind(found) }
}

function namesOf(parser: StageExpression, { noLabels, required }: Hints): readonly string[] | undefined {
  if (parser.kind === 'pattern') {
    const { names } = compilePattern(parser.pattern)
    if (noLabels) return []
    return required === undefined ? names : names.filter((name) => required.includes(name))
  }
  if (parser.kind !== 'json' || parser.extractions.length > 0) return undefined
  return noLabels ? [] : required
}
