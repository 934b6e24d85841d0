/** Turns the tree of a template into closures, and runs them. */
import { integerLike } from './convert.ts'
import { compilePipeline, compileValue, storing } from './evaluate.ts'
import { MAX_DEPTH, MAX_OUTPUT, spend } from './limits.ts'
import { printable, sprint } from './print.ts'
import { type Evaluator, type Scope, type State, declareAll, innerScope } from './scope.ts'
import type { Branch, Node, Pipeline, TemplateTree } from './tree.ts'
import {
  type TemplateFunction,
  type Value,
  fault,
  integerOf,
  mapEntries,
  sortedKeys,
  truth,
} from './value.ts'

/** What a node tells the loop around it. */
type Signal = 0 | 1 | 2
const NEXT = 0
const BREAK = 1
const CONTINUE = 2

type Runner = (state: State, dot: Value) => Signal

/** A template and the number of its variables, which is known only when its body is compiled. */
interface Body {
  run: Runner
  frame: { size: number }
}

/** What the nodes of one template text share. */
interface Context {
  readonly functions: (name: string) => TemplateFunction | undefined
  readonly tree: TemplateTree
  readonly bodies: Map<string, Body>
}

function write(state: State, text: string): void {
  state.out += text
  if (state.out.length > MAX_OUTPUT) throw fault(`an output of more than ${MAX_OUTPUT} characters`)
}

function compileText(text: string): Runner {
  return (state) => {
    write(state, text)
    return NEXT
  }
}

function compileAction(pipeline: Pipeline, scope: Scope): Runner {
  const evaluate = compilePipeline(pipeline, scope)
  if (pipeline.declares.length > 0) {
    return (state, dot) => {
      evaluate(state, dot)
      return NEXT
    }
  }
  const { at } = pipeline
  return (state, dot) => {
    const value = evaluate(state, dot)
    state.at = at
    write(state, typeof value === 'string' ? value : printable(value))
    return NEXT
  }
}

function compileIf(branch: Branch, scope: Scope, context: Context): Runner {
  const own = innerScope(scope)
  const evaluate = compilePipeline(branch.pipeline, own)
  const body = compileList(branch.body, innerScope(own), context)
  const otherwise = compileList(branch.otherwise ?? [], innerScope(own), context)
  if (branch.kind === 'if') {
    return (state, dot) => (truth(evaluate(state, dot)) ? body(state, dot) : otherwise(state, dot))
  }
  return (state, dot) => {
    const value = evaluate(state, dot)
    return truth(value) ? body(state, value) : otherwise(state, dot)
  }
}

/** Runs the body for one element; true means that the loop is left. */
type Round = (state: State, key: Value, element: Value) => boolean

function overIntegers(state: State, like: Value, count: bigint, round: Round): boolean {
  for (let i = 0n; i < count; i++) {
    if (round(state, undefined, integerLike(like, i))) break
  }
  return count > 0n
}

/** Goes over a value; false if there was nothing in it. */
function iterate(state: State, value: Value, hasKey: boolean, round: Round): boolean {
  if (value === undefined || value === null) return false
  const count = integerOf(value)
  if (count !== undefined) {
    if (hasKey) throw fault(`can't use ${count} to iterate over more than one variable`)
    return overIntegers(state, value, count, round)
  }
  if (typeof value === 'object' && value.tag === 'list') {
    const { items } = value
    for (let i = 0; i < items.length; i++) {
      if (round(state, hasKey ? BigInt(i) : undefined, items[i])) break
    }
    return items.length > 0
  }
  if (typeof value === 'object' && value.tag === 'map') {
    const entries = [...sortedKeys(value)].map((key): [string, Value] => [key, mapEntries(value).get(key)])
    for (const [key, element] of entries) {
      if (round(state, key, element)) break
    }
    return entries.length > 0
  }
  throw fault(`range can't iterate over ${sprint([value])}`)
}

function compileRange(branch: Branch, scope: Scope, context: Context): Runner {
  const own = innerScope(scope)
  const { pipeline } = branch
  const value = compileValue(pipeline, own)
  const slots = declareAll(pipeline, own)
  const evaluate: Evaluator = slots.length === 0 ? value : storing(value, slots, pipeline)
  const hasKey = slots.length > 1
  const at = pipeline.commands.at(-1)?.operands.at(-1)?.at ?? branch.at
  const [keySlot] = hasKey ? slots : []
  const elementSlot = slots.at(-1)
  const body = compileList(branch.body, innerScope(own), context)
  const otherwise = compileList(branch.otherwise ?? [], innerScope(own), context)
  const round: Round = (state, key, element) => {
    spend(1)
    if (keySlot !== undefined) state.variables[keySlot] = key
    if (elementSlot !== undefined) state.variables[elementSlot] = element
    return body(state, element) === BREAK
  }
  return (state, dot) => {
    const over = evaluate(state, dot)
    state.at = at
    return iterate(state, over, hasKey, round) ? NEXT : otherwise(state, dot)
  }
}

/** The body of a named template; it is known before it is compiled, so that it can contain itself. */
function bodyOf(name: string, context: Context): Body | undefined {
  const known = context.bodies.get(name)
  if (known !== undefined) return known
  const nodes = context.tree.defined.get(name)
  if (nodes === undefined) return undefined
  const body: Body = { run: () => NEXT, frame: { size: 1 } }
  context.bodies.set(name, body)
  const scope: Scope = {
    slots: new Map([['$', 0]]),
    outer: undefined,
    frame: body.frame,
    functions: context.functions,
  }
  body.run = compileList(nodes, scope, context)
  return body
}

function compileTemplateCall(node: Node & { kind: 'template' }, scope: Scope, context: Context): Runner {
  const { at, name, pipeline } = node
  const evaluate = pipeline === undefined ? undefined : compilePipeline(pipeline, scope)
  const body = bodyOf(name, context)
  return (state, dot) => {
    state.at = at
    if (body === undefined) throw fault(`template ${JSON.stringify(name)} not defined`)
    if (state.depth >= MAX_DEPTH) throw fault(`more than ${MAX_DEPTH} templates within each other`)
    spend(1)
    const value = evaluate?.(state, dot)
    const { variables } = state
    state.depth++
    state.variables = [value]
    body.run(state, value)
    state.variables = variables
    state.depth--
    return NEXT
  }
}

function compileNode(node: Node, scope: Scope, context: Context): Runner {
  switch (node.kind) {
    case 'text':
      return compileText(node.text)
    case 'action':
      return compileAction(node.pipeline, scope)
    case 'break':
      return () => BREAK
    case 'continue':
      return () => CONTINUE
    case 'if':
    case 'with':
      return compileIf(node, scope, context)
    case 'range':
      return compileRange(node, scope, context)
    case 'template':
    default:
      return compileTemplateCall(node, scope, context)
  }
}

function compileList(nodes: readonly Node[], scope: Scope, context: Context): Runner {
  const runners = nodes.map((node) => compileNode(node, scope, context))
  const [only] = runners
  if (only === undefined) return () => NEXT
  if (runners.length === 1) return only
  return (state, dot) => {
    for (const run of runners) {
      const signal = run(state, dot)
      if (signal !== NEXT) return signal
    }
    return NEXT
  }
}

/** A compiled template: runs on a root value, and leaves its output in the state. */
export type Program = (state: State, root: Value) => void

/** Compiles a tree; what Go finds at execution only, such as a wrong number of arguments, fails then. */
export function compileTree(tree: TemplateTree, functions: Context['functions'], name: string): Program {
  const context: Context = { functions, tree, bodies: new Map() }
  const body = bodyOf(name, context)
  return (state, root) => {
    state.variables = [root]
    body?.run(state, root)
  }
}
