/** From the stages of a query to what runs: compiled, with line filters moved to the front as Loki moves them. */
import type { LineFilter, StageExpression } from '../syntax/ast.ts'
import { dropStage, keepStage } from './choose.ts'
import { lineFilterStage } from './filter.ts'
import { decolorizeStage, labelFormatStage, lineFormatStage } from './format-stage.ts'
import { jsonPathStage } from './json-path.ts'
import { jsonStage, unpackStage } from './json-stage.ts'
import { labelFilterStage } from './label-filter.ts'
import { logfmtPickStage, logfmtStage } from './logfmt-stage.ts'
import type { Row, Stage } from './stage.ts'
import { patternStage, regexpStage } from './text-stage.ts'

/** @throws {LogqlError} for whatever only compiling shows to be wrong */
function compileStage(stage: StageExpression): Stage {
  const { start } = stage
  switch (stage.kind) {
    case 'line_filters':
      return lineFilterStage(stage.filters, start)
    case 'json':
      return stage.extractions.length === 0 ? jsonStage : jsonPathStage(stage.extractions, start)
    case 'logfmt':
      return stage.extractions.length === 0
        ? logfmtStage(stage)
        : logfmtPickStage(stage.extractions, stage.strict, start)
    case 'regexp':
      return regexpStage(stage.pattern, start)
    case 'pattern':
      return patternStage(stage.pattern, start)
    case 'unpack':
      return unpackStage
    case 'decolorize':
      return decolorizeStage
    case 'line_format':
      return lineFormatStage(stage.template, start)
    case 'label_format':
      return labelFormatStage(stage.formats, start)
    case 'label_filter':
      return labelFilterStage(stage.filter, start)
    case 'drop':
      return dropStage(stage.choices, start)
    case 'keep':
      return keepStage(stage.choices, start)
  }
}

/** @throws {LogqlError} as compileStage does */
export function compileStages(stages: readonly StageExpression[]): Stage[] {
  return stages.map(compileStage)
}

/**
 * A filter without the alternatives that every line passes, unless there are no others: Loki leaves them out of an `or`
 * (newOrFilter in pkg/logql/log/filter.go), so `|= "a" or ""` is `|= "a"`.
 */
function withoutIdle(filter: LineFilter): LineFilter {
  const { operator, operands } = filter
  if (operands.length === 1 || (operator !== '|=' && operator !== '|~')) return filter
  const passes = (text: string): boolean => text === '' || (operator === '|~' && text === '.*')
  const left = operands.filter(({ ip, text }) => ip || !passes(text))
  return { ...filter, operands: left.length === 0 ? operands.slice(0, 1) : left }
}

/**
 * The order in which stages run: line filters are cheap, so they go ahead of the stages before them, back to the
 * nearest label filter, line_format or unpack. What they see is then the line as it was before those stages, so
 * `| decolorize |~ "^x"` sees the raw line: part of what Loki answers.
 */
export function reorderStages(stages: readonly StageExpression[]): StageExpression[] {
  const result: StageExpression[] = []
  let filters: StageExpression[] = []
  let rest: StageExpression[] = []
  const settle = (): void => {
    result.push(...filters, ...rest)
    filters = []
    rest = []
  }
  for (const stage of stages) {
    if (stage.kind === 'line_filters') filters.push({ ...stage, filters: stage.filters.map(withoutIdle) })
    else if (stage.kind === 'label_filter') {
      settle()
      result.push(stage)
    } else {
      rest.push(stage)
      if (stage.kind === 'line_format' || stage.kind === 'unpack') settle()
    }
  }
  settle()
  return result
}

/** The stages of a query apart: line filters that the store may apply itself, and the rest for the engine. */
export interface Plan {
  readonly filters: readonly LineFilter[]
  readonly stages: readonly Stage[]
  /** What the stages were compiled from. */
  readonly rest: readonly StageExpression[]
}

/** @throws {LogqlError} as compileStage does */
export function planStages(stages: readonly StageExpression[]): Plan {
  const ordered = reorderStages(stages)
  const filters: LineFilter[] = []
  let leading = 0
  for (const stage of ordered) {
    if (stage.kind !== 'line_filters') break
    filters.push(...stage.filters)
    leading++
  }
  const rest = ordered.slice(leading)
  return { filters, stages: compileStages(rest), rest }
}

/** Runs a line through all stages; false where one of them drops it. */
export function runStages(stages: readonly Stage[], row: Row): boolean {
  for (const stage of stages) if (!stage.process(row)) return false
  return true
}
