/** `--logs-only`: leaves out what isn't about logs and whatever only serves that, so that the rest of a config runs. */
import { errorAt, warningAt, type Diagnostic } from '../../alloy/diagnostic.ts'
import { references } from '../../alloy/references.ts'
import type { Block, Statement } from '../../alloy/ast.ts'
import type { Range } from '../../alloy/source.ts'
import type { ComponentDefinition } from '../../component/component.ts'
import { components } from '../../components/index.ts'
import { refusal } from '../../components/unavailable.ts'
import { expressionsIn } from './expressions.ts'
import type { ModuleFrame } from './frame.ts'
import { blocksUsed, type BodyNode, type ReadEnv } from './module-body.ts'
import { isTemplate } from './naming.ts'

/** What reading a body leaves out. */
export const onlyLogs: ReadEnv['logsOnly'] = { isOutside, logsPart }

/** Whether a component that logstream doesn't have has nothing to do with logs. */
function isOutside(name: string): boolean {
  return !isAboutLogs(name) && refusal(name) !== undefined
}

/**
 * Whether a node is left out, which is reported: as a warning, or as an error where logs depend on it. To be asked in
 * dependency order.
 */
export function leaveOut(
  frame: ModuleFrame,
  node: BodyNode,
  report: (diagnostic: Diagnostic) => void,
): boolean {
  const { source } = frame.body
  const { nameRange, labelRange } = node.block
  const range = { start: nameRange.start, end: labelRange?.end ?? nameRange.end }
  const leave = (because: string): void => {
    report({ ...warningAt(source, range, `${node.id} is left out: ${because}`), expected: true })
  }
  if (node.kind === 'outside') {
    frame.leftOut.add(node.id)
    leave("it isn't about logs")
    return true
  }
  const needed = referenceToLeftOut(frame, node)
  if (needed === undefined) return false
  if (node.kind !== 'export' && node.kind !== 'argument' && servesLogs(frame, node)) {
    const message = `${node.id} needs ${needed.id}, which --logs-only leaves out: remove this reference`
    report(errorAt(source, needed.range, message))
    frame.unknown.add(node.id)
    return true
  }
  frame.leftOut.add(node.id)
  if (node.kind !== 'export' && node.kind !== 'argument')
    leave(`it needs ${needed.id}, which isn't about logs`)
  return true
}

/** After the instance `node` was planned as `inner`: the exports that it lacks are left out around it. */
export function leaveOutExports(frame: ModuleFrame, node: BodyNode, inner: ModuleFrame): void {
  for (const id of inner.leftOut)
    if (id.startsWith('export.')) frame.leftOut.add(`${node.id}.${id.slice('export.'.length)}`)
}

// The template of a foreach is planned by itself.
function referenceToLeftOut(frame: ModuleFrame, node: BodyNode): { id: string; range: Range } | undefined {
  if (frame.leftOut.size === 0) return undefined
  const body = node.kind === 'foreach' ? node.block.body.filter((each) => !isTemplate(each)) : node.block.body
  for (const { path, range } of expressionsIn(body).flatMap(references))
    for (let length = path.length; length > 0; length--) {
      const id = path.slice(0, length).join('.')
      if (frame.leftOut.has(id)) return { id, range }
    }
  return undefined
}

function servesLogs(frame: ModuleFrame, { kind, block }: BodyNode): boolean {
  if (kind === 'import') return true
  // `tracing` does nothing here anyway.
  if (kind === 'config') return ['logging', 'http', 'livedebugging'].includes(block.name)
  return [...blocksUsed(frame.scope, block)].some(isAboutLogs)
}

// What of otelcol is here is so for its logs.
function isAboutLogs(name: string): boolean {
  return name.startsWith('loki.') || (name.startsWith('otelcol.') && components.has(name))
}

/**
 * A component's block without the outputs that aren't for logs, each of which is reported; `undefined` where no logs
 * go through it. A block of any other component is returned as it is.
 */
function logsPart(
  block: Block,
  { fields }: ComponentDefinition,
  report: (range: Range, message: string) => void,
): Block | undefined {
  if (!('output' in fields)) return block
  const body: Statement[] = []
  for (const statement of block.body) {
    if (statement.kind === 'block' && statement.name === 'output') {
      if (!statement.body.some(forLogs)) return undefined
      const others = statement.body.filter(({ name }) => OTHER_SIGNALS.has(name))
      for (const { nameRange, name } of others)
        report(nameRange, `${name} of ${block.name}.${block.label} is left out: it isn't about logs`)
      body.push({ ...statement, body: statement.body.filter((each) => !others.includes(each)) })
    } else body.push(statement)
  }
  return { ...block, body }
}

const OTHER_SIGNALS: ReadonlySet<string> = new Set(['metrics', 'traces'])

function forLogs(statement: Statement): boolean {
  if (statement.kind !== 'attribute' || statement.name !== 'logs') return false
  return statement.value.kind !== 'array' || statement.value.elements.length > 0
}
