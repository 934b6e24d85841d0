/** `foreach`: the names of its instances, made from the items of its collection. */
import { createHash } from 'node:crypto'
import type { Block } from '../../alloy/ast.ts'
import { errorAt, type Diagnostic } from '../../alloy/diagnostic.ts'
import type { Source } from '../../alloy/source.ts'
import type { Value } from '../../alloy/value.ts'
import { isTemplate } from './naming.ts'

export interface Naming {
  /** Field of an object item that names it; '': the whole item does. */
  readonly id: string
  readonly hash_string_id: boolean
}

/**
 * Returns the name of each item as Alloy makes it: `foreach_`, its text with `_` for anything but letters and digits (a
 * hash for lists and objects), and a number, since items may be equal. An item keeps its instance when others come and go.
 */
export function instanceNames(items: readonly Value[], naming: Naming): string[] {
  const counts = new Map<string, number>()
  return items.map((item) => {
    const name = `foreach_${fingerprint(identity(item, naming.id), naming.hash_string_id)}`
    const count = (counts.get(name) ?? 0) + 1
    counts.set(name, count)
    return `${name}_${count}`
  })
}

function identity(item: Value, field: string): Value {
  return field !== '' && item instanceof Map && item.has(field) ? item.get(field)! : item
}

function fingerprint(value: Value, hashed: boolean): string {
  if (typeof value === 'string') return hashed ? hash(value) : value.replace(/[^\p{L}\p{Nd}]/gu, '_')
  if (typeof value === 'bigint' || typeof value === 'boolean') return String(value)
  if (typeof value === 'number') return value.toFixed(6).replace('.', '_')
  return hash(JSON.stringify(value, plain))
}

function hash(text: string): string {
  return createHash('sha256').update(text).digest('hex')
}

// The keys of objects are unordered, and receivers hold more than their name.
function plain(_key: string, value: unknown): unknown {
  if (value instanceof Map) return [...(value as Map<string, Value>)].sort(([a], [b]) => (a < b ? -1 : 1))
  if (typeof value === 'bigint') return `${value}n`
  const receiver = value as { kind?: string; data?: { id?: string } } | null
  return receiver?.kind === 'capsule' ? [receiver.kind, receiver.data?.id] : value
}

/** Returns the template block; reports it when missing or written twice. */
export function templateOf(
  block: Block,
  source: Source,
  report: (diagnostic: Diagnostic) => void,
): Block | undefined {
  const [template, ...more] = block.body.filter(isTemplate)
  if (template === undefined)
    report(errorAt(source, block.range, 'foreach needs a template block: template { ... }'))
  for (const { nameRange } of more)
    report(errorAt(source, nameRange, 'foreach has more than one template block: keep one of them'))
  if (template?.label !== undefined)
    report(errorAt(source, template.labelRange ?? template.nameRange, 'a template block takes no label'))
  return template
}
