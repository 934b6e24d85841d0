/** Names in a body: what each node refers to, which names don't exist, and which have no value. */
import type { Block, Expression, Statement } from '../../alloy/ast.ts'
import { errorAt, warningAt, type Diagnostic } from '../../alloy/diagnostic.ts'
import { suggestion } from '../../alloy/nearest.ts'
import { references } from '../../alloy/references.ts'
import { deprecatedNames } from '../../alloy/stdlib/index.ts'
import { positionAt } from '../../alloy/source.ts'
import type { Value } from '../../alloy/value.ts'
import { expressionsIn } from './expressions.ts'
import { isWritten, type ModuleFrame } from './frame.ts'
import { namespacesIn, namespacesUsed, type BodyNode } from './module-body.ts'

type Report = (diagnostic: Diagnostic) => void

/** What is needed to tell a name from a mistake. */
export interface Naming {
  readonly stdlib: ReadonlyMap<string, Value>
  readonly report: Report
}

/** Reports a node that is part of a cycle. */
export function reportCycle(
  frame: ModuleFrame,
  node: BodyNode,
  cycle: readonly string[],
  report: Report,
): void {
  const message =
    cycle.length === 1
      ? `${node.id} refers to itself`
      : `these components refer to each other in a circle: ${[...cycle, cycle[0]!].join(' -> ')}`
  report(errorAt(frame.body.source, node.block.nameRange, message))
}

/** Returns the ids of what a node refers to, and notes the components among them in the frame; a name that doesn't exist is reported here, once. */
export function edgesOf(
  frame: ModuleFrame,
  node: BodyNode,
  nodes: readonly BodyNode[],
  naming: Naming,
): Set<string> {
  const edges = new Set<string>()
  const used =
    node.kind === 'custom'
      ? namespacesUsed(frame.scope, node.block.name)
      : node.kind === 'foreach'
        ? namespacesIn(frame.scope, node.block.body)
        : new Set<string>()
  for (const other of nodes) if (other.kind === 'import' && used.has(other.path.at(-1)!)) edges.add(other.id)
  const template = node.kind === 'foreach' ? expressionsIn(node.block.body.filter(isTemplate)) : []
  for (const { path } of template.flatMap(references)) {
    // What isn't found here is the template's own, or is reported there.
    const target = nodeAt(nodes, path)
    if (target !== undefined) edges.add(target.id)
  }
  const own = template.length === 0 ? node.block.body : node.block.body.filter((each) => !isTemplate(each))
  for (const { path, range } of expressionsIn(own).flatMap(references)) {
    const target = nodeAt(nodes, path)
    const full = path.join('.')
    const newName = deprecatedNames.get(full)
    if (target !== undefined) edges.add(target.id)
    else if (newName !== undefined)
      naming.report(warningAt(frame.body.source, range, `${full} is deprecated: write ${newName}`))
    else if (!isKnownName(frame, path, naming.stdlib)) {
      frame.unknown.add(full)
      if (!isWritten(frame.body, path))
        naming.report(
          errorAt(
            frame.body.source,
            range,
            `"${full}" does not exist or is out of scope here${suggestion(full, namesOf(nodes))}`,
          ),
        )
    }
  }
  frame.references.set(node.id, componentsIn(frame, nodes, edges))
  return edges
}

/** The full ids of the components among `ids`. */
function componentsIn(
  { path }: ModuleFrame,
  nodes: readonly BodyNode[],
  ids: ReadonlySet<string>,
): readonly string[] {
  return nodes
    .filter(({ kind, id }) => kind === 'component' && ids.has(id))
    .map(({ id }) => [...path, id].join('/'))
}

/** Whether a statement is the template of a foreach. */
export function isTemplate(statement: Statement): statement is Block {
  return statement.kind === 'block' && statement.name === 'template'
}

function nodeAt(nodes: readonly BodyNode[], path: readonly string[]): BodyNode | undefined {
  return nodes.find((node) => node.kind !== 'import' && node.path.every((step, i) => path[i] === step))
}

function isKnownName(frame: ModuleFrame, path: readonly string[], stdlib: Naming['stdlib']): boolean {
  const [first] = path
  if (first === 'module_path') return true
  if (first === 'argument' && frame.check) return true
  if (frame.variables.has(first!) || nodeAt(frame.outer, path) !== undefined) return true
  return stdlib.has(first!)
}

/** Reports attributes of an instance that its module doesn't take. */
export function checkArguments(frame: ModuleFrame, nodes: readonly BodyNode[], report: Report): void {
  const declared = new Set(nodes.filter(({ kind }) => kind === 'argument').map(({ path }) => path.at(-1)!))
  const { instance } = frame
  if (instance === undefined) return
  for (const statement of instance.block.body) {
    if (statement.kind === 'block')
      report(
        errorAt(
          instance.source,
          statement.nameRange,
          `unknown block "${statement.name}": a custom component takes only attributes`,
        ),
      )
    else if (!declared.has(statement.name))
      report(
        errorAt(
          instance.source,
          statement.nameRange,
          `unknown attribute "${statement.name}": the module declares no such argument`,
        ),
      )
  }
}

/** As in Alloy: at the use when the declare is in the same file, else at the argument block of the imported module. */
export function reportMissing(frame: ModuleFrame, node: BodyNode, name: string, report: Report): void {
  const { instance, body } = frame
  if (instance === undefined) return
  const user = instance.block.name
  const { line, column } = positionAt(instance.source, instance.block.range.start)
  const place = `${instance.source.name}:${line}:${column}`
  report(
    instance.source === body.source
      ? errorAt(instance.source, instance.block.range, `missing required argument "${name}" of ${user}`)
      : errorAt(
          body.source,
          node.block.range,
          `missing required argument "${name}" of ${user}: pass it at ${place}`,
        ),
  )
}

/** Whether an expression refers to a missing value, so that evaluating it would only repeat an error. */
export function isUnknown(frame: ModuleFrame, expression: Expression, stdlib: Naming['stdlib']): boolean {
  if (frame.unknown.size === 0 && !frame.check) return false
  return references(expression).some(({ path }) => {
    if (frame.check && path[0] === 'argument') return true
    for (let length = path.length; length > 0; length--)
      if (frame.unknown.has(path.slice(0, length).join('.'))) return true
    return !frame.names.values.has(path[0]!) && !stdlib.has(path[0]!)
  })
}

// What a reference could have meant: exports of components, or other nodes.
function namesOf(nodes: readonly BodyNode[]): string[] {
  return nodes.flatMap(({ id, definition }) =>
    definition === undefined ? [id] : Object.keys(definition.exports).map((name) => `${id}.${name}`),
  )
}
