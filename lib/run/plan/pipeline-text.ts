/** The stages of the body of a `loki.process` block without a config around it, as tests and `explain` take them. */
import type { Diagnostic } from '../../alloy/diagnostic.ts'
import { scopeOf } from '../../alloy/evaluate.ts'
import { parseFile } from '../../alloy/parser.ts'
import type { Source } from '../../alloy/source.ts'
import type { Value } from '../../alloy/value.ts'
import { decodeBody } from '../../component/decode.ts'
import { stages, type StageSpec } from '../../component/fields.ts'
import { stageDefinitions } from '../../registry.ts'

export interface PipelineText {
  readonly specs: readonly StageSpec[]
  /** What is wrong with the text; `specs` is empty then. */
  readonly diagnostics: readonly Diagnostic[]
}

/** Decodes the body of a `loki.process` block without its `forward_to`; building the stages is up to the caller. */
export function readPipeline(source: Source, stdlib: ReadonlyMap<string, Value>): PipelineText {
  const { file, diagnostics: syntax } = parseFile(source)
  if (syntax.length > 0) return { specs: [], diagnostics: syntax }
  const diagnostics: Diagnostic[] = []
  const env = {
    source,
    scope: scopeOf(stdlib),
    stages: stageDefinitions,
    report: (found: Diagnostic) => void diagnostics.push(found),
  }
  const range = { start: 0, end: source.text.length }
  const options = decodeBody(file.body, { stage: stages('') }, range, env)
  return { specs: options?.stage ?? [], diagnostics }
}
