/** Stages as config text: those that run, and edited ones to try in place of one. */
import type { Block } from '../../alloy/ast.ts'
import { printDiagnostic, type Diagnostic } from '../../alloy/diagnostic.ts'
import { parseFile } from '../../alloy/parser.ts'
import { printFile } from '../../alloy/printer.ts'
import type { StageSpec } from '../../component/fields.ts'
import { diagnosticsFor, placeOfOptions } from '../../component/origin.ts'
import { LogstreamError } from '../../errors.ts'
import { hostLibrary } from '../../run/plan/host-library.ts'
import { readPipeline } from '../../run/plan/pipeline-text.ts'
import { redacted } from '../hidden-parts.ts'
import type { Process } from './processes.ts'
import type { StageText } from './messages.ts'

const NAME = 'the edited stage'

/** Returns all stages of a process that were written in a config, nested ones included. */
export function stageTexts({ id, specs }: Process): StageText[] {
  const texts = (within: readonly StageSpec[], prefix: string): StageText[] =>
    within.flatMap((spec, i) => {
      const path = `${prefix}${i + 1}.${spec.name}`
      const text = textOf(spec)
      return [
        ...(text === undefined ? [] : [{ component: id, path, text }]),
        ...texts(innerOf(spec), `${path}/`),
      ]
    })
  return texts(specs, '')
}

// Redaction knows which attributes are secret only inside a loki.process.
function textOf({ options }: StageSpec): string | undefined {
  const place = placeOfOptions(options)
  if (place === undefined) return undefined
  const block = place.source.text.slice(place.range.start, place.range.end)
  const shown = redacted({ name: NAME, text: `loki.process "it" {\n${block}\n}\n` })
  const text = shown.replaceAll(/[ \t]*(?:\/\/ left out|\/\* left out \*\/)/g, '')
  const { file, diagnostics } = parseFile({ name: NAME, text })
  const { start, end } = (file.body[0] as Block | undefined)?.body[0]?.range ?? { start: 0, end: 0 }
  return diagnostics.length > 0 || end === 0 ? undefined : formatted(text.slice(start, end))
}

/** Formats a text, which must be valid. */
export function formatted(text: string): string {
  return printFile(parseFile({ name: NAME, text }).file)
}

/** Parses stage blocks. Throws BAD_CONFIG that lists every mistake. */
export function readStages(text: string, build: (specs: readonly StageSpec[]) => void): readonly StageSpec[] {
  const source = { name: NAME, text }
  // A user who may try a stage must not read environment variables with it.
  const stdlib = new Map(
    [...hostLibrary({}, 'experimental')].filter(([name]) => !['sys', 'env'].includes(name)),
  )
  const { specs, diagnostics } = readPipeline(source, stdlib)
  refuse(diagnostics)
  if (opensFiles(specs))
    throw new LogstreamError('BAD_CONFIG', 'stage.geoip opens a file, so it cannot be tried here')
  try {
    build(specs)
  } catch (error) {
    refuse(diagnosticsFor(error, {}, { source, range: { start: 0, end: text.length } }))
  }
  return specs
}

function refuse(diagnostics: readonly Diagnostic[]): void {
  const errors = diagnostics.filter(({ severity }) => severity === 'error')
  if (errors.length > 0)
    throw new LogstreamError('BAD_CONFIG', errors.map((each) => printDiagnostic(each)).join('\n'))
}

function opensFiles(specs: readonly StageSpec[]): boolean {
  return specs.some((spec) => spec.name === 'geoip' || opensFiles(innerOf(spec)))
}

/** Returns the stages with the one at `path` replaced; `undefined` if there is no such stage. */
export function replaceStage(
  specs: readonly StageSpec[],
  path: string,
  by: readonly StageSpec[],
): readonly StageSpec[] | undefined {
  const [first = '', ...rest] = path.split('/')
  const at = specs.findIndex(({ name }, i) => `${i + 1}.${name}` === first)
  const spec = specs[at]
  if (spec === undefined) return undefined
  if (rest.length === 0) return specs.toSpliced(at, 1, ...by)
  const inner = replaceStage(innerOf(spec), rest.join('/'), by)
  return inner && specs.with(at, { ...spec, options: { ...spec.options, stage: inner } })
}

function innerOf({ options }: StageSpec): readonly StageSpec[] {
  return (options['stage'] as readonly StageSpec[] | undefined) ?? []
}
