/** Reads the blocks of a config or module into nodes: what each one is, its id, and what is wrong with its place. */
import type { Block, Statement } from '../../alloy/ast.ts'
import { errorAt, warningAt, type Diagnostic } from '../../alloy/diagnostic.ts'
import { nearest } from '../../alloy/nearest.ts'
import { positionAt, type Range, type Source } from '../../alloy/source.ts'
import type { ComponentDefinition, Stability } from '../../component/component.ts'
import { configBlocks } from './config-blocks.ts'
import { refusal } from '../../components/unavailable.ts'

/** Where a body is, which decides what may be in it. */
export type BodyPlace = 'root' | 'module' | 'import' | 'template'

/** A body of blocks with what is needed to read it. */
export interface Body {
  readonly statements: readonly Statement[]
  readonly source: Source
  /** Folder (or URL) that relative things in it refer to: `module_path`. */
  readonly modulePath: string
  readonly place: BodyPlace
}

/** A `declare` block, with the names it can see. */
export interface Declared {
  readonly block: Block
  readonly body: Body
  readonly scope: NameScope
}

/** The declares and import namespaces that a body sees: its own and those around it. */
export interface NameScope {
  readonly parent: NameScope | undefined
  readonly declares: Map<string, Declared>
  /** Namespace to its declares; filled when the import is evaluated. */
  readonly imports: Map<string, ReadonlyMap<string, Declared> | undefined>
}

export type NodeKind =
  | 'component'
  | 'custom'
  | 'outside'
  | 'import'
  | 'argument'
  | 'export'
  | 'foreach'
  | 'config'

/** A block that takes part in the graph. */
export interface BodyNode {
  readonly kind: NodeKind
  /** `['loki', 'process', 'prod']`; what references begin with. */
  readonly path: readonly string[]
  readonly id: string
  readonly block: Block
  /** For kind component. */
  readonly definition?: ComponentDefinition
}

export interface ReadEnv {
  readonly components: ReadonlyMap<string, ComponentDefinition>
  readonly stability: Stability
  readonly report: (diagnostic: Diagnostic) => void
  /** Set where what isn't about logs is left out. */
  readonly logsOnly?: {
    /** Tells components that are left out, in place of being refused. */
    isOutside(name: string): boolean
    /** The part of a component's block that is about logs, if any; the rest is reported. */
    logsPart(
      block: Block,
      definition: ComponentDefinition,
      report: (range: Range, message: string) => void,
    ): Block | undefined
  }
}

const RANKS: readonly Stability[] = ['experimental', 'public-preview', 'generally-available']

/** Finds the declare that a block name means, looking outwards. `null`: in an import that couldn't be read. */
export function findDeclared(scope: NameScope | undefined, name: string): Declared | null | undefined {
  for (let at = scope; at !== undefined; at = at.parent) {
    const own = at.declares.get(name)
    if (own !== undefined) return own
    const dot = name.indexOf('.')
    const namespace = name.slice(0, dot)
    if (dot > 0 && at.imports.has(namespace))
      return at.imports.get(namespace)?.get(name.slice(dot + 1)) ?? null
  }
  return undefined
}

/** The import namespaces that an instance of `name` needs: its own, or those of what its declare is made of. */
export function namespacesUsed(
  scope: NameScope,
  name: string,
  seen: Set<Block> = new Set<Block>(),
): Set<string> {
  const dot = name.indexOf('.')
  if (dot > 0) return new Set([name.slice(0, dot)])
  const declared = findDeclared(scope, name)
  const used = new Set<string>()
  if (declared === undefined || declared === null || seen.has(declared.block)) return used
  seen.add(declared.block)
  for (const inner of blockNames(declared.block.body))
    for (const namespace of namespacesUsed(declared.scope, inner, seen)) used.add(namespace)
  return used
}

/** The import namespaces that the blocks of a body need. */
export function namespacesIn(scope: NameScope, statements: readonly Statement[]): Set<string> {
  return new Set(blockNames(statements).flatMap((name) => [...namespacesUsed(scope, name)]))
}

/** The name of a block, and those of all blocks that it is made of when it is an instance or a foreach. */
export function blocksUsed(scope: NameScope, block: Block, seen: Set<Block> = new Set<Block>()): Set<string> {
  const used = new Set([block.name])
  const declared = findDeclared(scope, block.name)
  const [body, inner] =
    declared === undefined || declared === null ? [block, scope] : [declared.block, declared.scope]
  if (seen.has(body)) return used
  seen.add(body)
  if (body !== block || NESTING.has(block.name))
    for (const each of body.body)
      if (each.kind === 'block') for (const name of blocksUsed(inner, each, seen)) used.add(name)
  return used
}

// Blocks of these hold blocks of the graph, others hold options.
const NESTING = new Set(['declare', 'foreach', 'template'])

function blockNames(statements: readonly Statement[]): string[] {
  return statements.flatMap((statement) =>
    statement.kind === 'block'
      ? [statement.name, ...(NESTING.has(statement.name) ? blockNames(statement.body) : [])]
      : [],
  )
}

/** The nodes of a body in the order they are written; its declares and imports are entered into `scope`. */
export function readBody(body: Body, scope: NameScope, env: ReadEnv): BodyNode[] {
  const nodes: BodyNode[] = []
  const seen = new Map<string, Block>()
  const report = (block: Block, message: string): void =>
    env.report(
      errorAt(
        body.source,
        { start: block.nameRange.start, end: block.labelRange?.end ?? block.nameRange.end },
        message,
      ),
    )
  for (const statement of body.statements) {
    if (statement.kind === 'attribute') {
      env.report(
        errorAt(
          body.source,
          statement.nameRange,
          `expected a block, found the attribute "${statement.name}": only blocks are allowed here`,
        ),
      )
      continue
    }
    const problem = misplaced(statement, body.place, env.stability)
    if (problem !== undefined) {
      report(statement, problem)
      continue
    }
    const id = statement.label === undefined ? statement.name : `${statement.name}.${statement.label}`
    const first = seen.get(id) ?? (isImport(statement) ? namespaceOf(seen, statement) : undefined)
    if (first !== undefined) {
      const { line, column } = positionAt(body.source, first.range.start)
      report(
        statement,
        `"${id}" is already declared at ${body.source.name}:${line}:${column}: choose another label`,
      )
      continue
    }
    seen.set(id, statement)
    enter(statement, body, scope)
  }
  for (const [id, block] of seen) {
    const node = toNode(id, block, scope, env, body.source)
    if (typeof node === 'string') report(block, node)
    else if (node !== undefined) nodes.push(node)
  }
  return nodes
}

function isImport(block: Block): boolean {
  return block.name.startsWith('import.')
}

function namespaceOf(seen: ReadonlyMap<string, Block>, block: Block): Block | undefined {
  for (const other of seen.values()) if (isImport(other) && other.label === block.label) return other
  return undefined
}

function enter(block: Block, body: Body, scope: NameScope): void {
  if (block.name === 'declare')
    scope.declares.set(block.label!, {
      block,
      body: { ...body, statements: block.body, place: 'module' },
      scope,
    })
  else if (isImport(block)) scope.imports.set(block.label!, undefined)
}

function misplaced(block: Block, place: BodyPlace, stability: Stability): string | undefined {
  const config = configBlocks.get(block.name)
  if (place === 'import' && block.name !== 'declare' && !isImport(block))
    return `${block.name}: an imported module may hold only declare and import blocks: put it into a declare`
  if (config === undefined) return undefined
  if (config.rootOnly && place !== 'root')
    return `${block.name} is not allowed in a module: write it in the main config`
  if ((block.name === 'argument' || block.name === 'export') && (place === 'root' || place === 'template'))
    return `${block.name} blocks are only allowed inside a module (declare or an imported file)`
  if (config.label === 'required' && block.label === undefined)
    return `${block.name} block must have a label: ${block.name} "name" { ... }`
  if (config.label === 'refused' && block.label !== undefined)
    return `${block.name} block must not have a label`
  if (block.name === 'declare' && block.label === 'declare') return 'a declare must not be called "declare"'
  return tooNew(block.name, config.stability, stability)
}

function tooNew(name: string, needed: Stability, allowed: Stability): string | undefined {
  if (RANKS.indexOf(needed) >= RANKS.indexOf(allowed)) return undefined
  return `${name} is ${needed}, below the allowed level ${allowed}: start with --stability.level=${needed} to use it`
}

// Returns a string for what is wrong with the block.
function toNode(
  id: string,
  block: Block,
  scope: NameScope,
  env: ReadEnv,
  source: Source,
): BodyNode | string | undefined {
  const { name, label } = block
  const path = label === undefined ? name.split('.') : [...name.split('.'), label]
  if (name === 'declare') return undefined
  if (isImport(block) && configBlocks.has(name)) return { kind: 'import', path, id, block }
  if (name === 'argument' || name === 'export' || name === 'foreach') return { kind: name, path, id, block }
  if (configBlocks.has(name)) return { kind: 'config', path, id, block }
  const unlabelled = `component "${name}" must have a label: ${name} "name" { ... }`
  const definition = env.components.get(name)
  if (definition !== undefined) {
    if (label === undefined) return unlabelled
    const problem = tooNew(name, definition.stability, env.stability)
    if (problem !== undefined) return problem
    const leave = (range: Range, message: string): void =>
      env.report({ ...warningAt(source, range, message), expected: true })
    const part = env.logsOnly === undefined ? block : env.logsOnly.logsPart(block, definition, leave)
    if (part === undefined) return { kind: 'outside', path, id, block }
    return { kind: 'component', path, id, block: part, definition }
  }
  if (findDeclared(scope, name) !== undefined)
    return label === undefined && !name.includes('.') ? unlabelled : { kind: 'custom', path, id, block }
  if (env.logsOnly?.isOutside(name) === true) return { kind: 'outside', path, id, block }
  return refusal(name) ?? unknownComponent(name, scope, env)
}

function unknownComponent(name: string, scope: NameScope, env: ReadEnv): string {
  const known = [...env.components.keys(), ...configBlocks.keys()]
  for (let at: NameScope | undefined = scope; at !== undefined; at = at.parent)
    known.push(...at.declares.keys())
  const near = nearest(name, known)
  return `there is no component "${name}"` + (near === undefined ? '' : `; did you mean "${near}"?`)
}
