/** Turns pipelines, commands and operands into closures that return a value. */
import { arityError, constantAs, constantError, converters, idealOf, nilAs } from './convert.ts'
import { shortCircuits } from './functions/builtin.ts'
import { checkList, checkText, spend } from './limits.ts'
import { type Evaluator, type Scope, type State, declareAll, failing, frozen, slotOf } from './scope.ts'
import { rejoined } from '../strings/bytes.ts'
import { textOf } from './node-text.ts'
import type { Command, Operand, Pipeline } from './tree.ts'
import {
  type Callable,
  type GoList,
  type GoMap,
  type Param,
  type TemplateFunction,
  type Value,
  fault,
  mapGet,
  methodOf,
  truth,
  typeName,
} from './value.ts'

type Argument = (state: State, dot: Value) => unknown

/** An argument. Constants are converted now: a number becomes what the parameter asks for. */
function compileArgument(operand: Operand, param: Param, scope: Scope): Argument {
  const { at, kind } = operand
  const isOpen = param === 'any' || param === 'value'
  if (kind === 'nil') {
    if (!isOpen && param !== 'map') return failing(at, constantError(param, 'nil'))
    const nil = nilAs(param)
    return () => nil
  }
  if (kind === 'string' || kind === 'bool') {
    const { value } = operand
    const fits = isOpen || param === (kind === 'bool' ? 'bool' : 'string')
    return fits ? () => value : failing(at, constantError(param, textOf(operand)))
  }
  if (kind === 'number') {
    const value = constantAs(operand, param)
    return value === undefined ? failing(at, constantError(param, operand.text)) : () => value
  }
  const evaluate = compileOperand(operand, scope)
  if (param === 'value') return evaluate
  const convert = converters[param]
  return (state, dot) => {
    const value = evaluate(state, dot)
    if (param !== 'any') state.at = at
    return convert(value)
  }
}

/** What it costs to look at a value once. */
function sizeOf(value: unknown): number {
  if (typeof value === 'string') return value.length >> 4
  if (typeof value !== 'object' || value === null || !('tag' in value)) return 0
  const { tag } = value as GoList | GoMap
  if (tag === 'list') return (value as GoList).items.length >> 3
  return tag === 'map' ? ((value as GoMap).entries?.size ?? 0) >> 3 : 0
}

/** Lists and texts may not grow beyond the limits. */
function bounded(value: Value): Value {
  if (typeof value === 'string') {
    checkText(value.length)
    return rejoined(value)
  }
  if (typeof value === 'object' && value?.tag === 'list') checkList(value.items.length)
  return value
}

/** The arguments of a call, the value of the pipeline as the last one. */
function compileArguments(
  fn: TemplateFunction,
  operands: readonly Operand[],
  final: Evaluator | undefined,
  at: number,
  scope: Scope,
): Argument[] {
  const paramAt = (i: number): Param => fn.params[i] ?? fn.rest ?? 'any'
  const args = operands.map((operand, i) => compileArgument(operand, paramAt(i), scope))
  if (final !== undefined) {
    const convert = converters[paramAt(args.length)]
    const last = operands.at(-1)?.at ?? at
    args.push((state, dot) => {
      const value = final(state, dot)
      state.at = last
      return convert(value)
    })
  }
  return args
}

/** Notes which function runs, since its errors are told in another way than those of its arguments. */
function begin(state: State, name: string, at: number): void {
  state.at = at
  state.calling = name
}

// As in Go, what fails next is told of the last argument, unless it has a place of its own.
function end(state: State, result: Value, last: number): Value {
  state.calling = ''
  state.at = last
  return bounded(result)
}

function invoke(
  call: Callable,
  args: readonly Argument[],
  name: string,
  { at, last }: { readonly at: number; readonly last: number },
): Evaluator {
  const [first, second, third] = args
  if (first === undefined) {
    return (state) => {
      spend(1)
      begin(state, name, at)
      return end(state, call(), last)
    }
  }
  if (second === undefined) {
    return (state, dot) => {
      const a = first(state, dot)
      spend(1 + sizeOf(a))
      begin(state, name, at)
      return end(state, call(a), last)
    }
  }
  if (third === undefined) {
    return (state, dot) => {
      const a = first(state, dot)
      const b = second(state, dot)
      spend(1 + sizeOf(a) + sizeOf(b))
      begin(state, name, at)
      return end(state, call(a, b), last)
    }
  }
  return (state, dot) => {
    const values = args.map((argument) => argument(state, dot))
    spend(values.reduce<number>((units, value) => units + sizeOf(value), 1))
    begin(state, name, at)
    return end(state, call(...values), last)
  }
}

/** `and` and `or` evaluate only as much as they need; the value of the pipeline is there already. */
function shortCircuit(
  args: readonly Argument[],
  final: Evaluator | undefined,
  stop: boolean,
  at: number,
): Evaluator {
  const own = final === undefined ? args : args.slice(0, -1)
  return (state, dot) => {
    const last = final?.(state, dot)
    spend(1)
    state.at = at
    let value: Value
    for (const argument of own) {
      value = argument(state, dot) as Value
      if (truth(value) === stop) return value
    }
    return final === undefined ? value : last
  }
}

/** A call with its arguments; a wrong number of them is an error of the execution, as in Go. */
function compileCall(
  fn: TemplateFunction,
  name: string,
  at: number,
  operands: readonly Operand[],
  final: Evaluator | undefined,
  scope: Scope,
): Evaluator {
  const problem = arityError(fn, name, operands.length + (final === undefined ? 0 : 1))
  if (problem !== undefined) return failing(at, problem)
  const args = compileArguments(fn, operands, final, at, scope)
  const stop = shortCircuits.get(fn)
  const last = operands.at(-1)?.at ?? at
  return stop === undefined ? invoke(fn.call, args, name, { at, last }) : shortCircuit(args, final, stop, at)
}

function compileFunction(
  operand: Operand & { kind: 'function' },
  operands: readonly Operand[],
  final: Evaluator | undefined,
  scope: Scope,
): Evaluator {
  const fn = scope.functions(operand.name)
  if (fn === undefined) return failing(operand.at, `function ${JSON.stringify(operand.name)} not defined`)
  return compileCall(fn, operand.name, operand.at, operands, final, scope)
}

/** A key of a map, or a method without arguments. A missing value has no fields and yields none; nil is an error. */
function fieldOf(receiver: Value, name: string, missing: State['missing']): Value {
  if (receiver === undefined) return undefined
  if (receiver === null) throw fault(`nil pointer evaluating interface {}.${name}`)
  if (typeof receiver === 'object') {
    if (receiver.tag === 'map') {
      const found = mapGet(receiver, name)
      if (found !== undefined || missing === undefined) return found
      return receiver.elem === 'string' ? '' : missing
    }
    const method = methodOf(receiver, name)
    const problem = method === undefined ? undefined : arityError(method, name, 0)
    if (problem !== undefined) throw fault(problem)
    if (method !== undefined) return method.call(receiver)
  }
  throw fault(`can't evaluate field ${name} in type ${typeName(receiver)}`)
}

/** The last name of a chain when it has arguments: only a method can take them. */
function compileMethod(
  receiver: Evaluator,
  name: string,
  at: number,
  operands: readonly Operand[],
  final: Evaluator | undefined,
  scope: Scope,
): Evaluator {
  const visible = frozen(scope)
  const compiled = new Map<TemplateFunction, Argument[]>()
  return (state, dot) => {
    const self = receiver(state, dot)
    state.at = at
    if (self === undefined) return undefined
    const found = methodOf(self, name)
    if (found === undefined) throw fault(`${name} is not a method but has arguments`)
    const problem = arityError(found, name, operands.length + (final === undefined ? 0 : 1))
    if (problem !== undefined) throw fault(problem)
    let args = compiled.get(found)
    if (args === undefined) {
      args = compileArguments(found, operands, final, at, visible)
      compiled.set(found, args)
    }
    const values = args.map((argument) => argument(state, dot))
    spend(values.reduce<number>((units, value) => units + sizeOf(value), 1))
    begin(state, name, at)
    return end(state, found.call(self, ...values), at)
  }
}

function compileFields(
  receiver: Evaluator,
  names: readonly string[],
  { at, kind }: Operand,
  operands: readonly Operand[],
  final: Evaluator | undefined,
  scope: Scope,
): Evaluator {
  const plain = operands.length === 0 && final === undefined ? names : names.slice(0, -1)
  let evaluate = receiver
  for (const name of plain) {
    const inner = evaluate
    evaluate = (state, dot) => {
      const self = inner(state, dot)
      if (kind !== 'chain') state.at = at
      return fieldOf(self, name, state.missing)
    }
  }
  if (plain === names) return evaluate
  return compileMethod(evaluate, names.at(-1) ?? '', at, operands, final, scope)
}

const currentDot: Evaluator = (_state, dot) => dot

function compileVariable(name: string, at: number, scope: Scope): Evaluator {
  const slot = slotOf(scope, name)
  if (slot === undefined) return failing(at, `undefined variable ${name}`)
  return (state) => state.variables[slot]
}

/** `.a.b`, `$x.a` or `(...).a`, with the arguments that its last name may take. */
function compileChain(
  operand: Operand & { kind: 'field' | 'variable' | 'chain' },
  operands: readonly Operand[],
  final: Evaluator | undefined,
  scope: Scope,
): Evaluator {
  const { at, names } = operand
  if (operand.kind === 'field') return compileFields(currentDot, names, operand, operands, final, scope)
  const receiver =
    operand.kind === 'variable'
      ? compileVariable(operand.name, at, scope)
      : compileOperand(operand.operand, scope)
  return compileFields(receiver, names, operand, operands, final, scope)
}

/** An operand on its own. */
function compileOperand(operand: Operand, scope: Scope): Evaluator {
  const { at } = operand
  switch (operand.kind) {
    case 'dot':
      return currentDot
    case 'nil':
      return failing(at, 'nil is not a command')
    case 'bool':
    case 'string': {
      const { value } = operand
      return () => value
    }
    case 'number': {
      const value = idealOf(operand)
      return value === undefined ? failing(at, `${operand.text} overflows int`) : () => value
    }
    case 'function':
      return compileFunction(operand, [], undefined, scope)
    case 'field':
    case 'variable':
    case 'chain':
      return compileChain(operand, [], undefined, scope)
    case 'pipeline':
    default:
      return compilePipeline(operand, scope)
  }
}

function compileCommand(command: Command, final: Evaluator | undefined, scope: Scope): Evaluator {
  const [first, ...rest] = command.operands
  if (rest.length === 0 && final === undefined) return compileOperand(first, scope)
  if (first.kind === 'function') return compileFunction(first, rest, final, scope)
  const takes =
    first.kind === 'field' || first.kind === 'chain' || (first.kind === 'variable' && first.names.length > 0)
  return takes
    ? compileChain(first, rest, final, scope)
    : failing(first.at, `can't give argument to non-function ${textOf(first)}`)
}

/** A nil from a list or map counts as no value once a pipeline has passed it on. */
function dug(evaluate: Evaluator): Evaluator {
  return (state, dot) => {
    const value = evaluate(state, dot)
    return value === null ? undefined : value
  }
}

/** The commands of a pipeline, each with the value of the one before as its last argument. */
export function compileValue(pipeline: Pipeline, scope: Scope): Evaluator {
  let value: Evaluator | undefined
  for (const command of pipeline.commands) value = dug(compileCommand(command, value, scope))
  return value ?? failing(pipeline.at, 'a pipeline without commands')
}

export function compilePipeline(pipeline: Pipeline, scope: Scope): Evaluator {
  const value = compileValue(pipeline, scope)
  if (pipeline.declares.length === 0) return value
  return storing(value, declareAll(pipeline, scope), pipeline)
}

/** A value that is kept in variables too. */
export function storing(value: Evaluator, slots: (number | undefined)[], pipeline: Pipeline): Evaluator {
  return (state, dot) => {
    const result = value(state, dot)
    slots.forEach((slot, i) => {
      state.at = pipeline.at
      if (slot === undefined) throw fault(`undefined variable ${pipeline.declares[i]}`)
      state.variables[slot] = result
    })
    return result
  }
}
