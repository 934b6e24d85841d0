/** `| line_format`, `| label_format` and `| decolorize`: stages that rewrite lines and labels. */
import { LogstreamError, messageOf } from '../../errors.ts'
import { type Template, compileTemplate } from '../../go/template/gotemplate.ts'
import type { TemplateData } from '../../go/template/value.ts'
import { compile, type Regexp } from '../../go/regexp/regexp.ts'
import type { LabelFormat } from '../syntax/ast.ts'
import { LogqlError } from '../syntax/error.ts'
import type { LabelBuilder } from './label-builder.ts'
import { ERROR_LABEL, TEMPLATE_ERROR } from '../syntax/label-names.ts'
import type { Row, Stage } from './stage.ts'
import { type CurrentLine, templateFunctions } from './template-functions.ts'

/** The labels of a line for a template. A missing one is the empty text, since the map of Loki has texts only. */
class LabelData implements TemplateData {
  readonly #labels: LabelBuilder

  constructor(labels: LabelBuilder) {
    this.#labels = labels
  }

  get(name: string): string {
    const value = this.#labels.get(name)
    if (value !== undefined) return value
    for (const [found, text] of this.#labels.pairs()) if (found === name) return text
    return ''
  }

  *keys(): Generator<string> {
    for (const [name] of this.#labels.pairs()) yield name
  }
}

interface Compiled {
  readonly template: Template
  readonly current: CurrentLine
  /** The labels that it may read; more than it does for odd templates. */
  readonly names: readonly string[]
}

function compileOrRefuse(text: string, what: string, offset: number | undefined): Compiled {
  const current = { line: '', seconds: 0, nanos: 0 }
  try {
    const template = compileTemplate(text, templateFunctions(current), {
      name: what,
      missingKey: 'zero',
      elem: 'string',
    })
    const actions = text.match(/\{\{[\s\S]*?\}\}/g)?.join(' ') ?? ''
    const names = [...actions.matchAll(/\.([a-zA-Z_]\w*)/g)].map((match) => match[1]!)
    return { template, current, names }
  } catch (cause) {
    if (!(cause instanceof LogstreamError)) throw cause
    const message = `invalid ${what} template: ${cause.message}`
    throw new LogqlError(message, { ...(offset === undefined ? {} : { offset }), cause })
  }
}

/** The text that a template makes of a line, or undefined after an error, which the labels then have. */
function execute({ template, current }: Compiled, row: Row, data: TemplateData): string | undefined {
  current.line = row.line
  current.seconds = row.seconds
  current.nanos = row.nanos
  try {
    return template.execute(data)
  } catch (error) {
    row.labels.error = TEMPLATE_ERROR
    row.labels.errorDetails = messageOf(error)
    return undefined
  }
}

const singleField = /^\{\{\s*\.([a-zA-Z_]\w*)\s*\}\}$/

/** @throws {LogqlError} for a template with a mistake */
export function lineFormatStage(text: string, offset?: number): Stage {
  const compiled = compileOrRefuse(text, 'line', offset)
  const field = singleField.exec(text)?.[1]
  return {
    names: compiled.names,
    process(row) {
      if (field === undefined) row.line = execute(compiled, row, new LabelData(row.labels)) ?? row.line
      else row.line = row.labels.get(field) ?? ''
      return true
    },
  }
}

const NO_LABELS: ReadonlyMap<string, string> = new Map()

/** What all templates of one stage see: the labels as they were before its first template ran, or as soon as there are any. */
function snapshot(labels: LabelBuilder): ReadonlyMap<string, string> {
  return new Map(labels.pairs())
}

const noText = {
  get: (): string => '',
  keys: (): Iterable<string> => [],
}

function overMap(values: ReadonlyMap<string, string>): TemplateData {
  return { get: (name) => values.get(name) ?? noText.get(), keys: () => values.keys() }
}

/**
 * Renames labels (`new=old`) and sets them by templates, in order.
 *
 * @throws {LogqlError} for a template with a mistake, and for a name that is set twice or is `__error__`
 */
export function labelFormatStage(formats: readonly LabelFormat[], offset?: number): Stage {
  const place = offset === undefined ? {} : { offset }
  const seen = new Set<string>()
  for (const { name } of formats) {
    if (name === ERROR_LABEL) throw new LogqlError(`${name} cannot be formatted`, place)
    if (seen.has(name))
      throw new LogqlError(`multiple label name '${name}' not allowed in a single format operation`, place)
    seen.add(name)
  }
  const steps = formats.map((format) => ({
    format,
    compiled: format.kind === 'template' ? compileOrRefuse(format.template, 'label', offset) : undefined,
  }))
  const names = steps.flatMap(({ format, compiled }) =>
    format.kind === 'rename' ? [format.from] : (compiled?.names ?? []),
  )
  return {
    names,
    process(row) {
      let known = NO_LABELS
      for (const { format, compiled } of steps) {
        if (compiled === undefined) rename(row.labels, format)
        else {
          if (known.size === 0) known = snapshot(row.labels)
          const text = execute(compiled, row, overMap(known))
          if (text !== undefined) row.labels.set(format.name, text)
        }
      }
      return true
    },
  }
}

function rename(labels: LabelBuilder, format: LabelFormat): void {
  if (format.kind !== 'rename') return
  const value = labels.get(format.from)
  if (value === undefined) return
  labels.set(format.name, value)
  labels.delete(format.from)
}

// Colours and other terminal sequences; the expression is that of https://github.com/acarl005/stripansi.
const controlStart = '[\\x{1B}\\x{9B}][\\[\\]()#;?]*'
const controlText = '(?:(?:[a-zA-Z\\d]*(?:;[a-zA-Z\\d]*)*)?\\x07)'
const controlNumbers = '(?:(?:\\d{1,4}(?:;\\d{0,4})*)?[\\dA-PRZcf-ntqry=><~])'
let control: Regexp | undefined

export const decolorizeStage: Stage = {
  names: [],
  process(row) {
    if (/[\x1b\x9b]/.test(row.line)) {
      // On first use: every start that knows the store loads this file, and compiling takes 50 ms.
      control ??= compile(`${controlStart}(?:${controlText}|${controlNumbers})`)
      row.line = control.replaceAllLiteral(row.line, '')
    }
    return true
  },
}
