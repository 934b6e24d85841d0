/** Templates that can be put together piece by piece, without running them as a whole: texts, and fields one at a time. */
import type { Command, Node, Operand } from './tree.ts'

/** A text, or the field `name` of the data: as it is, or what `change` makes of its text, which is always the same. */
export type TemplatePart =
  | string
  | {
      readonly name: string
      /** Throws BAD_TEMPLATE where the template does. */
      readonly change: ((text: string) => string) | undefined
    }

/** How the nodes of a template are turned into functions. */
interface Compiler {
  /** Whether the function returns the same whenever it is called with the same arguments. */
  readonly isPure: (name: string) => boolean
  /** Compiles one node; `name` is the only field in it. */
  readonly change: (node: Node, name: string) => (text: string) => string
}

/** The parts of a template; `undefined` for one that has other things in it. */
export function partsOf(nodes: readonly Node[], compiler: Compiler): readonly TemplatePart[] | undefined {
  const parts: TemplatePart[] = []
  for (const node of nodes) {
    const part = partOf(node, compiler)
    if (part === undefined) return undefined
    parts.push(part)
  }
  return parts
}

function partOf(node: Node, { isPure, change }: Compiler): TemplatePart | undefined {
  if (node.kind === 'text') return node.text
  if (node.kind !== 'action' || node.pipeline.declares.length > 0) return undefined
  const { commands } = node.pipeline
  const operands = commands.flatMap((command) => command.operands)
  const [field, ...others] = operands.filter(({ kind }) => kind === 'field')
  if (field?.kind !== 'field' || others.length > 0 || field.names.length > 1) return undefined
  const [name] = field.names as [string]
  if (operands.length === 1) return { name, change: undefined }
  return commands.every((command, i) => isSimple(command, i === 0, isPure))
    ? { name, change: change(node, name) }
    : undefined
}

// A pure function of constants and the field, which stands in the first command.
function isSimple(
  { operands: [first, ...rest] }: Command,
  isFirst: boolean,
  isPure: (name: string) => boolean,
): boolean {
  if (isFirst && first.kind === 'field') return rest.length === 0
  const isArgument = ({ kind }: Operand): boolean =>
    kind === 'string' || kind === 'number' || (isFirst && kind === 'field')
  return first.kind === 'function' && isPure(first.name) && rest.every(isArgument)
}
