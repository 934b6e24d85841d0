/** Templates of stages: compiled with Alloy's functions, run over what an entry has extracted. */
import type { Context } from '../component.ts'
import { LogstreamError } from '../../errors.ts'
import { textOf, type ExtractedValue } from '../../flow/extracted.ts'
import { compileTemplate, type Template, type TemplateOptions } from '../../go/template/gotemplate.ts'
import { alloyFunctions } from '../../go/template/functions/index.ts'
import type { TemplateData, Value } from '../../go/template/value.ts'

/** The compiled template of an option. Throws BAD_TEMPLATE with the option's name. */
export function templateOption(
  option: string,
  text: string,
  ctx: Context,
  elem: TemplateOptions['elem'] = 'interface {}',
): Template {
  try {
    return compileTemplate(text, alloyFunctions({ now: () => ctx.clock.now() }), { elem })
  } catch (error) {
    if (!(error instanceof LogstreamError)) throw error
    throw new LogstreamError(error.code, error.message, { cause: error, option })
  }
}

/** The extracted values of an entry or a row. */
export interface NamedValues {
  get(name: string): ExtractedValue | undefined
  toMap(): Map<string, ExtractedValue>
}

/** All values that have a text, under their names, and some more; one object serves all entries in turn. */
export class ExtractedData implements TemplateData {
  #extracted: NamedValues | undefined
  #value: string | undefined
  #entry: { readonly line: string } | undefined

  /** `value` is `.Value`, and the line of `entry` `.Entry`, unless `undefined`; both win over extracted values. */
  of(extracted: NamedValues, value: string | undefined, entry?: { readonly line: string }): this {
    this.#extracted = extracted
    this.#value = value
    this.#entry = entry
    return this
  }

  get(name: string): Value {
    if (name === 'Value' && this.#value !== undefined) return this.#value
    if (name === 'Entry' && this.#entry !== undefined) return this.#entry.line
    return textOf(this.#extracted!.get(name))
  }

  keys(): Iterable<string> {
    const names = new Set<string>()
    for (const [name, value] of this.#extracted!.toMap()) if (value !== null) names.add(name)
    if (this.#value !== undefined) names.add('Value')
    if (this.#entry !== undefined) names.add('Entry')
    return [...names].sort()
  }
}

/** The result of a template; `undefined` where it fails on the data, which isn't a mistake in the config. */
export function render(template: Template, data: TemplateData): string | undefined {
  try {
    return template.execute(data)
  } catch (error) {
    if (error instanceof LogstreamError) return undefined
    throw error
  }
}
