/** What is known while one body is planned: the values it sees, what it exports, and which values are missing. */
import type { Block } from '../../alloy/ast.ts'
import type { Source } from '../../alloy/source.ts'
import type { Value } from '../../alloy/value.ts'
import type { Body, BodyNode, Declared, NameScope } from './module-body.ts'
import { NameTree } from './scope.ts'

/** The arguments of an instance: values, and the names of those without one because of an error. */
export interface Arguments {
  readonly values: ReadonlyMap<string, Value>
  readonly unknown: ReadonlySet<string>
}

/** The main config, an instance of a declare, or (`check`) an unused declare. */
export interface ModuleFrame {
  readonly body: Body
  readonly scope: NameScope
  /** Ids of the instances around it. */
  readonly path: readonly string[]
  /** The declares around it, to notice one that uses itself. */
  readonly within: readonly Declared[]
  readonly args: Arguments
  readonly check: boolean
  readonly names: NameTree
  readonly exports: Map<string, Value>
  /** Names of exports without a value; the reason has been reported. */
  readonly failedExports: Set<string>
  /** Ids without values: they failed, or this is only a check. */
  readonly unknown: Set<string>
  /** By id of a node: the full ids of the components that it refers to. */
  readonly references: Map<string, readonly string[]>
  /** Ids, and exports of instances, that `--logs-only` leaves out. */
  readonly leftOut: Set<string>
  /** The block of the instance, for errors about its arguments. */
  readonly instance: { readonly source: Source; readonly block: Block } | undefined
  /** Nodes around the template of a foreach, which sees them; otherwise none. */
  readonly outer: readonly BodyNode[]
  /** Names of the foreach variables that it sees. */
  readonly variables: ReadonlySet<string>
  /** Whether the metrics of its components are hidden. */
  readonly quiet: boolean
}

export const NO_ARGUMENTS: Arguments = { values: new Map<string, Value>(), unknown: new Set<string>() }

/** The frame of the main config, an imported file or a declare. */
export function newFrame(
  body: Body,
  scope: NameScope,
  more: Partial<Pick<ModuleFrame, 'path' | 'within' | 'args' | 'check' | 'instance' | 'quiet'>> = {},
): ModuleFrame {
  return {
    body,
    scope,
    path: more.path ?? [],
    within: more.within ?? [],
    args: more.args ?? NO_ARGUMENTS,
    check: more.check ?? false,
    names: new NameTree(),
    exports: new Map<string, Value>(),
    failedExports: new Set<string>(),
    unknown: new Set<string>(),
    references: new Map<string, readonly string[]>(),
    leftOut: new Set<string>(),
    instance: more.instance,
    outer: [],
    variables: new Set<string>(),
    quiet: more.quiet ?? false,
  }
}

/** One item of a foreach: its template sees everything around it, and the item under the name of the variable. */
export function templateFrame(
  around: ModuleFrame,
  body: Body,
  item: {
    readonly id: readonly string[]
    readonly variable: string
    /** `undefined`: unknown, the template is only checked. */
    readonly value: Value | undefined
    readonly outer: readonly BodyNode[]
    readonly quiet: boolean
  },
): ModuleFrame {
  const { id, variable, value, outer, quiet } = item
  const frame: ModuleFrame = {
    ...newFrame(body, newScope(around.scope), {
      path: [...around.path, ...id],
      within: around.within,
      args: around.args,
      check: around.check || value === undefined,
      quiet: around.quiet || quiet,
    }),
    names: around.names.clone(),
    unknown: new Set(around.unknown),
    leftOut: new Set(around.leftOut),
    outer: [...outer, ...around.outer],
    variables: new Set([...around.variables, variable]),
  }
  frame.names.delete([variable])
  if (value === undefined) frame.unknown.add(variable)
  else {
    frame.unknown.delete(variable)
    frame.names.set([variable], value)
  }
  return frame
}

export function newScope(parent: NameScope | undefined): NameScope {
  return { parent, declares: new Map<string, Declared>(), imports: new Map<string, undefined>() }
}

/** Whether the body has a block of that name; if it isn't a node, what is wrong with it has been reported. */
export function isWritten(body: Body, path: readonly string[]): boolean {
  return body.statements.some((statement) => {
    if (statement.kind !== 'block' || statement.label === undefined) return false
    return [...statement.name.split('.'), statement.label].every((step, i) => path[i] === step)
  })
}
