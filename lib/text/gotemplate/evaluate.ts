/** Turns pipelines, commands and operands into closures that give a value. */
import { MAX_STEPS, checkList, checkText } from './limits.ts'
import { shortCircuits } from './functions/builtin.ts'
import type { Command, NumberOperand, Operand, Pipeline } from './tree.ts'
import {
  type Callable,
  type Param,
  type TemplateFunction,
  type Value,
  fault,
  goInt,
  integerOf,
  mapGet,
  methodOf,
  nilMap,
  truth,
  typeName,
} from './value.ts'

/** What one execution changes as it goes. */
export interface State {
  out: string
  /** The variables of the running template, `$` first. */
  variables: Value[]
  depth: number
  steps: number
  /** The offset of what is being evaluated, for errors. */
  at: number
}

export type Evaluator = (state: State, dot: Value) => Value
type Argument = (state: State, dot: Value) => unknown

/** The variables that can be seen at one place, and the functions. */
export interface Scope {
  readonly slots: Map<string, number>
  readonly outer: Scope | undefined
  /** Shared by all scopes of one template. */
  readonly frame: { size: number }
  readonly functions: (name: string) => TemplateFunction | undefined
}

export function innerScope(outer: Scope): Scope {
  return { slots: new Map(), outer, frame: outer.frame, functions: outer.functions }
}

function slotOf(scope: Scope, name: string): number | undefined {
  for (let at: Scope | undefined = scope; at !== undefined; at = at.outer) {
    const slot = at.slots.get(name)
    if (slot !== undefined) return slot
  }
  return undefined
}

/** Counts one call or loop round. */
export function step(state: State): void {
  if (++state.steps > MAX_STEPS) throw fault(`more than ${MAX_STEPS} function calls and loop rounds`)
}

/** Go finds many mistakes only when it gets there, and so do these. */
function failing(at: number, reason: string): (state: State) => never {
  return (state) => {
    state.at = at
    throw fault(reason)
  }
}

/** What converts a value to a parameter; throws if Go could not assign it. */
function mismatch(param: Param, value: Value): never {
  const found = value === undefined ? 'no value' : value === null ? 'nil' : typeName(value)
  throw fault(`wrong type of an argument: expected ${param}, found ${found}`)
}

function objectOf(type: string, param: Param): (value: Value) => Value {
  return (value) => {
    const fits = typeof value === 'object' && value !== null && value.tag === 'object' && value.type === type
    return fits ? value : mismatch(param, value)
  }
}

const converters: Record<Param, (value: Value) => unknown> = {
  any: (value) => (value === undefined ? null : value),
  value: (value) => value,
  string: (value) => (typeof value === 'string' ? value : mismatch('string', value)),
  int: (value) => (typeof value === 'bigint' ? Number(value) : mismatch('int', value)),
  uint32: (value) => mismatch('uint32', value),
  float64: (value) => (typeof value === 'number' ? value : mismatch('float64', value)),
  bool: (value) => (typeof value === 'boolean' ? value : mismatch('bool', value)),
  map: (value) => {
    if (value === undefined) return nilMap
    const fits = typeof value === 'object' && value !== null && value.tag === 'map' && value.elem !== 'string'
    return fits ? value : mismatch('map', value)
  },
  time: objectOf('time.Time', 'time'),
  version: objectOf('*semver.Version', 'version'),
  duration: (value) => {
    const fits =
      typeof value === 'object' && value !== null && value.tag === 'int' && value.type === 'time.Duration'
    return fits ? value.value : mismatch('duration', value)
  },
}

/** A number constant as the parameter wants it; undefined if it cannot be that. */
function constantAs(operand: NumberOperand, param: Param): unknown {
  switch (param) {
    case 'int':
      return operand.integer === undefined ? undefined : Number(operand.integer)
    case 'duration':
      return operand.integer
    case 'uint32':
      return operand.unsigned === undefined ? undefined : Number(BigInt.asUintN(32, operand.unsigned))
    case 'float64':
      return operand.float
    case 'any':
    case 'value':
      return idealOf(operand)
    case 'string':
    case 'bool':
    case 'map':
    case 'time':
    case 'version':
    default:
      return undefined
  }
}

function idealOf({ ideal }: NumberOperand): Value {
  if (typeof ideal !== 'object') return ideal
  const sign = ideal.im < 0 || Object.is(ideal.im, -0) ? '' : '+'
  const text = `(${ideal.re}${sign}${ideal.im}i)`
  return {
    tag: 'object',
    type: 'complex128',
    kind: 'complex128',
    text: () => text,
    methods: new Map(),
    data: text,
  }
}

function nilAs(param: Param): unknown {
  if (param === 'any') return null
  return param === 'map' ? nilMap : undefined
}

/** An argument. Constants are converted now: a number becomes what the parameter asks for. */
function compileArgument(operand: Operand, param: Param, scope: Scope): Argument {
  const { at, kind } = operand
  const isOpen = param === 'any' || param === 'value'
  if (kind === 'nil') {
    if (!isOpen && param !== 'map') return failing(at, `cannot use nil as ${param}`)
    const nil = nilAs(param)
    return () => nil
  }
  if (kind === 'string' || kind === 'bool') {
    const { value } = operand
    const fits = isOpen || param === (kind === 'bool' ? 'bool' : 'string')
    return fits ? () => value : failing(at, `expected ${param}, found ${JSON.stringify(value)}`)
  }
  if (kind === 'number') {
    const value = constantAs(operand, param)
    return value === undefined ? failing(at, `expected ${param}, found ${operand.text}`) : () => value
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

/** Lists and texts may not grow beyond the limits. */
function bounded(value: Value): Value {
  if (typeof value === 'string') checkText(value.length)
  else if (typeof value === 'object' && value?.tag === 'list') checkList(value.items.length)
  return value
}

function arityError(fn: TemplateFunction, name: string, count: number): string | undefined {
  const { params, rest } = fn
  const enough = rest === undefined ? count === params.length : count >= params.length
  if (enough) return undefined
  const wanted = rest === undefined ? params.length : `at least ${params.length}`
  return `wrong number of arguments for ${name}: want ${wanted}, got ${count}`
}

/** The arguments of a call, the value of the pipeline as the last one. */
function compileArguments(
  fn: TemplateFunction,
  operands: readonly Operand[],
  final: Evaluator | undefined,
  scope: Scope,
): Argument[] {
  const paramAt = (i: number): Param => fn.params[i] ?? fn.rest ?? 'any'
  const args = operands.map((operand, i) => compileArgument(operand, paramAt(i), scope))
  if (final !== undefined) {
    const convert = converters[paramAt(args.length)]
    args.push((state, dot) => convert(final(state, dot)))
  }
  return args
}

function invoke(call: Callable, args: readonly Argument[], at: number): Evaluator {
  const [first, second, third] = args
  if (first === undefined) {
    return (state) => {
      step(state)
      state.at = at
      return bounded(call())
    }
  }
  if (second === undefined) {
    return (state, dot) => {
      const a = first(state, dot)
      step(state)
      state.at = at
      return bounded(call(a))
    }
  }
  if (third === undefined) {
    return (state, dot) => {
      const a = first(state, dot)
      const b = second(state, dot)
      step(state)
      state.at = at
      return bounded(call(a, b))
    }
  }
  return (state, dot) => {
    const values = args.map((argument) => argument(state, dot))
    step(state)
    state.at = at
    return bounded(call(...values))
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
    step(state)
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
  const args = compileArguments(fn, operands, final, scope)
  const stop = shortCircuits.get(fn)
  return stop === undefined ? invoke(fn.call, args, at) : shortCircuit(args, final, stop, at)
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

/** A key of a map, or a method without arguments. No value has no fields, and gives none; nil is an error. */
function fieldOf(receiver: Value, name: string): Value {
  if (receiver === undefined) return undefined
  if (receiver === null) throw fault(`nil has no field ${name}`)
  if (typeof receiver === 'object') {
    if (receiver.tag === 'map') return mapGet(receiver, name)
    const method = methodOf(receiver, name)
    const problem = method === undefined ? undefined : arityError(method, name, 0)
    if (problem !== undefined) throw fault(problem)
    if (method !== undefined) return method.call(receiver)
  }
  throw fault(`cannot evaluate field ${name} in type ${typeName(receiver)}`)
}

/** A scope that stays as it is now, for what is compiled at the first run. */
function frozen(scope: Scope): Scope {
  const slots = new Map<string, number>()
  for (let at: Scope | undefined = scope; at !== undefined; at = at.outer) {
    for (const [name, slot] of at.slots) if (!slots.has(name)) slots.set(name, slot)
  }
  return { slots, outer: undefined, frame: scope.frame, functions: scope.functions }
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
      args = compileArguments(found, operands, final, visible)
      compiled.set(found, args)
    }
    const values = args.map((argument) => argument(state, dot))
    step(state)
    state.at = at
    return bounded(found.call(self, ...values))
  }
}

function compileFields(
  receiver: Evaluator,
  names: readonly string[],
  at: number,
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
      state.at = at
      return fieldOf(self, name)
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
  if (operand.kind === 'field') return compileFields(currentDot, names, at, operands, final, scope)
  const receiver =
    operand.kind === 'variable'
      ? compileVariable(operand.name, at, scope)
      : compileOperand(operand.operand, scope)
  return compileFields(receiver, names, at, operands, final, scope)
}

/** An operand that stands alone. */
export function compileOperand(operand: Operand, scope: Scope): Evaluator {
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
    : failing(first.at, 'only functions and methods can take arguments')
}

/** A nil from a list or map is no value once a pipeline has given it. */
function dug(evaluate: Evaluator): Evaluator {
  return (state, dot) => {
    const value = evaluate(state, dot)
    return value === null ? undefined : value
  }
}

function declare(name: string, assigns: boolean, scope: Scope): number | undefined {
  if (assigns) return slotOf(scope, name)
  const slot = scope.frame.size++
  scope.slots.set(name, slot)
  return slot
}

/** The slots of the variables that a pipeline declares or assigns; undefined for one that does not exist. */
export function declareAll(pipeline: Pipeline, scope: Scope): (number | undefined)[] {
  return pipeline.declares.map((name) => declare(name, pipeline.assigns, scope))
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

/** An integer like the one given, for loops over integers of each type. */
export function integerLike(like: Value, value: bigint): Value {
  if (typeof like === 'bigint' || integerOf(like) === undefined) return value
  return typeof like === 'object' && like?.tag === 'int' ? goInt(like.kind, value, like.type) : value
}
