/** Reads the fields of a YAML map strictly: unknown ones and wrong types are problems with their place. */
import { suggestion } from '../../alloy/nearest.ts'
import { parseFloat } from '../../go/strconv/number.ts'
import { isNull, type MapEntry, type MapNode, type Node, type ScalarNode } from '../../go/yaml/tree.ts'
import { parsePrometheusDuration } from '../../logql/stages/units.ts'
import type { Labels } from '../rule.ts'
import type { Problems } from './problems.ts'

export class FieldReader {
  readonly node: Node
  readonly problems: Problems
  readonly #entries: ReadonlyMap<string, MapEntry>

  /** `what` names the map in messages: `a rule group`. */
  constructor(node: Node, what: string, names: readonly string[], problems: Problems) {
    this.node = node
    this.problems = problems
    const entries = mapEntries(node, what, problems)
    this.#entries = new Map(entries.map((entry) => [entry.key, entry]))
    for (const { key, keyRange } of entries)
      if (!names.includes(key))
        problems.add(
          keyRange.start,
          `unknown field "${key}" in ${what}${suggestion(key, names) || `: it has ${names.join(', ')}`}`,
        )
  }

  /** Whether the field is there and not null. */
  has(name: string): boolean {
    const entry = this.#entries.get(name)
    return entry !== undefined && !isNull(entry.value)
  }

  get(name: string): Node | undefined {
    return this.has(name) ? this.#entries.get(name)!.value : undefined
  }

  scalar(name: string): ScalarNode | undefined {
    const node = this.get(name)
    if (node === undefined || node.kind === 'scalar') return node
    this.problems.at(node, `${name}: expected a text, found a ${node.kind}`)
    return undefined
  }

  text(name: string): string {
    return this.scalar(name)?.text ?? ''
  }

  /** Milliseconds; `undefined` without the field. */
  duration(name: string): number | undefined {
    const node = this.scalar(name)
    if (node === undefined) return undefined
    const nanos = parsePrometheusDuration(node.text)
    if (nanos !== undefined) return nanos / 1e6
    this.problems.at(node, `${name}: expected a duration such as 30s, 5m or 1h30m, found "${node.text}"`)
    return undefined
  }

  /** A number of at least 0. */
  count(name: string): number {
    const node = this.scalar(name)
    if (node === undefined || /^\d{1,9}$/.test(node.text)) return Number(node?.text ?? 0)
    this.problems.at(node, `${name}: expected a number such as 100, found "${node.text}"`)
    return 0
  }

  number(name: string): number | undefined {
    const node = this.scalar(name)
    if (node === undefined) return undefined
    const value = parseFloat(node.text)
    if (value === undefined) this.problems.at(node, `${name}: expected a number, found "${node.text}"`)
    return value
  }

  flag(name: string): boolean {
    const node = this.scalar(name)
    if (node === undefined || /^(?:true|false)$/.test(node.text)) return node?.text === 'true'
    this.problems.at(node, `${name}: expected true or false, found "${node.text}"`)
    return false
  }

  list(name: string): readonly Node[] {
    const node = this.get(name)
    if (node === undefined) return []
    if (node.kind === 'list') return node.items
    this.problems.at(
      node,
      `${name}: expected a list, found a ${node.kind === 'scalar' ? 'text' : node.kind}: begin each item with "- "`,
    )
    return []
  }

  /** A map of texts, with the node of each value. */
  texts(name: string): readonly (readonly [key: string, value: ScalarNode, at: number])[] {
    const node = this.get(name)
    if (node === undefined) return []
    return mapEntries(node, name, this.problems).flatMap(({ key, keyRange, value }) => {
      if (value.kind === 'scalar') return [[key, value, keyRange.start] as const]
      this.problems.at(value, `${name}: ${key}: expected a text, found a ${value.kind}`)
      return []
    })
  }

  labels(name: string): Labels {
    return Object.fromEntries(this.texts(name).map(([key, { text }]) => [key, text]))
  }

  /** A problem with the map as a whole. What isn't a map has been reported. */
  refuse(message: string): void {
    if (this.node.kind === 'map' || isNull(this.node)) this.problems.at(this.node, message)
  }
}

function mapEntries(node: Node, what: string, problems: Problems): MapNode['entries'] {
  if (node.kind === 'map') return node.entries
  if (!isNull(node))
    problems.at(
      node,
      `expected ${what} as "name: value" lines, found a ${node.kind === 'list' ? 'list' : 'text'}`,
    )
  return []
}
