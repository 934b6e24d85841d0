/** Go's text/template for log lines: compiled once, run for every entry, with functions of the caller. */
import { type LogstreamError, messageOf } from '../../errors.ts'
import type { State } from './scope.ts'
import { compileTree } from './execute.ts'
import { pureFunctions } from './functions/alloy.ts'
import { builtins } from './functions/builtin.ts'
import { endWork, startWork } from './limits.ts'
import { parse } from './parse.ts'
import { partsOf, type TemplatePart } from './parts.ts'
import { executionError } from './position.ts'
import { textAt } from './node-text.ts'
import type { Node, TemplateTree } from './tree.ts'
import { wellFormed } from '../strings/bytes.ts'
import { type FunctionMap, type TemplateData, type TemplateFunction, dataMap } from './value.ts'

/** A compiled template. It keeps nothing between two runs. */
export interface Template {
  /**
   * Runs the template on some data: `.name` is `data.get('name')`, and a missing one prints `<no value>`.
   * Throws BAD_TEMPLATE for whatever Go fails on (a wrong argument, `fail`, a division by zero) and for a template
   * that does too much: 16 Mi characters of output, 4 Mi of one text, two million calls, loop rounds and
   * values, 500 nested templates.
   */
  execute(data: TemplateData): string
  /** What it is put together from, if it only holds texts and fields, as they are or through functions of Alloy's stages. */
  parts(): readonly TemplatePart[] | undefined
}

/** How a template is compiled. */
export interface TemplateOptions {
  /** The name under which `{{ template }}` finds the template itself; default `pipeline_template`. */
  name?: string
  /**
   * Go's option `missingkey`: what a key is that a map doesn't have. Default `no value`; with `zero` it is the empty string in
   * maps of strings, and in others nil, whose fields fail.
   */
  missingKey?: 'no value' | 'zero'
  /**
   * The type of the data's values; default `interface {}`. With `string`, `index` finds "" for what is missing, and functions
   * of dicts don't take the data.
   */
  elem?: 'interface {}' | 'string'
}

function failure(
  name: string,
  source: string,
  tree: TemplateTree,
  state: State,
  error: unknown,
): LogstreamError {
  const { at, calling } = state
  // A stack or a string that grew too large: the limits are meant to be met before.
  const why = error instanceof RangeError ? 'the template needs too much memory' : messageOf(error)
  const reason = calling === '' ? why : `error calling ${calling}: ${why}`
  const text = textAt(tree, at, calling === '' ? 'word' : 'command')
  return executionError(name, source, { at, text, reason }, error)
}

/**
 * Compiles a template (https://pkg.go.dev/text/template) with the functions of `functions`, which win over Go's
 * builtins of the same name. Throws BAD_TEMPLATE with `line:column` for a syntax error, an unknown function and an
 * unknown variable.
 */
export function compileTemplate(
  text: string,
  functions: FunctionMap,
  options: TemplateOptions = {},
): Template {
  const name = options.name ?? 'pipeline_template'
  const missing = options.missingKey === 'zero' ? null : undefined
  const { elem = 'interface {}' } = options
  const find = (wanted: string): TemplateFunction | undefined => functions.get(wanted) ?? builtins.get(wanted)
  const tree = parse(text, (wanted) => find(wanted) !== undefined, name)
  const compiled = (one: TemplateTree): Template['execute'] => {
    const run = compileTree(one, find, name)
    return (data) => {
      const state: State = { out: '', variables: [], depth: 0, at: 0, calling: '', missing }
      const outer = startWork()
      try {
        run(state, dataMap(data, elem))
      } catch (error) {
        throw failure(name, text, one, state, error)
      } finally {
        endWork(outer)
      }
      return wellFormed(state.out)
    }
  }
  const change = (node: Node, field: string): ((value: string) => string) => {
    const execute = compiled({ root: [node], defined: new Map([[name, [node]]]) })
    return (value) => execute(new Map([[field, value]]))
  }
  const isPure = (wanted: string): boolean => pureFunctions.has(find(wanted)!)
  return { execute: compiled(tree), parts: () => partsOf(tree.root, { isPure, change }) }
}
