/**
 * The options of one pipeline stage, read as mapstructure reads them: names in any case, unknown names ignored, and
 * types exact, or (weak) turned into each other.
 */
import { formatFloat, parseFloat } from '../../go/strconv/number.ts'
import { parseInt64 } from '../../go/strconv/integer.ts'
import type { Range } from '../../alloy/source.ts'
import { entryOf, isNull, plainOf, type Node, type Plain, type Problem } from '../../go/yaml/tree.ts'

/** Reads options by name; what is wrong with them gathers in `problems`. */
export class StageOptions {
  readonly problems: Problem[] = []
  readonly node: Node
  readonly #weak: boolean

  constructor(node: Node, mode: 'exact' | 'weak' = 'exact') {
    this.node = node
    this.#weak = mode === 'weak'
  }

  /** Notes a problem if this is anything but a map of options, or nothing. */
  expectMap(): this {
    if (this.node.kind !== 'map' && !isNull(this.node)) this.#refuse('a map of options', this.node)
    return this
  }

  /** Notes that an option isn't as it must be. */
  refuse(name: string, message: string): void {
    this.problems.push({ message, range: this.place(name) })
  }

  /** The node of an option; undefined if it isn't given, or null. */
  at(name: string): Node | undefined {
    if (this.node.kind !== 'map') return undefined
    const lower = name.toLowerCase()
    const found = entryOf(this.node, name) ?? this.node.entries.find(({ key }) => key.toLowerCase() === lower)
    return found === undefined || isNull(found.value) ? undefined : found.value
  }

  /** Where the option stands, else where the stage does. */
  place(name: string): Range {
    return (this.at(name) ?? this.node).range
  }

  text(name: string): string {
    return this.maybeText(name) ?? ''
  }

  maybeText(name: string): string | undefined {
    const node = this.at(name)
    return node === undefined ? undefined : this.#text(node)
  }

  maybeBool(name: string): boolean | undefined {
    return this.#scalar(name, 'true or false', (plain) => {
      if (plain.kind === 'bool') return plain.value === true
      return this.#weak ? weakBool(plain) : undefined
    })
  }

  bool(name: string): boolean {
    return this.maybeBool(name) ?? false
  }

  maybeNumber(name: string): number | undefined {
    return this.#scalar(name, 'a number', (plain) => this.#number(plain))
  }

  number(name: string): number {
    return this.maybeNumber(name) ?? 0
  }

  /** A number without its fraction. */
  int(name: string): number {
    return Math.trunc(this.number(name))
  }

  texts(name: string): readonly string[] | undefined {
    const node = this.at(name)
    return node === undefined ? undefined : this.textsOf(node)
  }

  /** The texts of a node that is a list. */
  textsOf(node: Node): readonly string[] {
    if (node.kind === 'list') return node.items.map((item) => (isNull(item) ? '' : (this.#text(item) ?? '')))
    if (!this.#weak || node.kind === 'map') return this.#refuse('a list', node) ?? []
    return node.text === '' ? [] : [this.#text(node) ?? '']
  }

  numbers(name: string): readonly number[] {
    const node = this.at(name)
    if (node === undefined) return []
    if (node.kind !== 'list') return this.#refuse('a list of numbers', node) ?? []
    return node.items.map((item) => {
      const value = item.kind === 'scalar' ? this.#number(plainOf(item)) : undefined
      return value ?? this.#refuse('a number', item) ?? 0
    })
  }

  /** A map of texts whose values may be missing. */
  map(name: string): ReadonlyMap<string, string | undefined> | undefined {
    const node = this.at(name)
    return node === undefined ? undefined : this.mapOf(node)
  }

  /** The pairs of a node that is a map. */
  mapOf(node: Node): ReadonlyMap<string, string | undefined> {
    const pairs = new Map<string, string | undefined>()
    if (node.kind === 'map')
      for (const { key, value } of node.entries) pairs.set(key, isNull(value) ? undefined : this.#text(value))
    else if (!isNull(node)) this.#refuse('a map', node)
    return pairs
  }

  #text(node: Node): string | undefined {
    if (node.kind === 'scalar') {
      const plain = plainOf(node)
      const value = plain.kind === 'text' ? String(plain.value) : this.#weak ? weakText(plain) : undefined
      if (value !== undefined) return value
    }
    return this.#refuse('a string (in quotes if it looks like a number)', node)
  }

  #number(plain: Plain): number | undefined {
    const value =
      plain.kind === 'int' || plain.kind === 'float'
        ? Number(plain.value)
        : this.#weak
          ? weakNumber(plain)
          : undefined
    return Number.isFinite(value) ? value : undefined
  }

  #scalar<T>(name: string, what: string, take: (plain: Plain) => T | undefined): T | undefined {
    const node = this.at(name)
    if (node === undefined) return undefined
    const value = node.kind === 'scalar' ? take(plainOf(node)) : undefined
    return value === undefined ? this.#refuse(what, node) : value
  }

  #refuse(what: string, node: Node): undefined {
    const found = node.kind === 'scalar' ? `"${node.text}"` : `a ${node.kind}`
    this.problems.push({ message: `expected ${what}, found ${found}`, range: node.range })
    return undefined
  }
}

function weakText(plain: Plain): string | undefined {
  if (plain.kind === 'null') return ''
  if (plain.kind === 'bool') return plain.value === true ? '1' : '0'
  return formatFloat(Number(plain.value))
}

function weakBool(plain: Plain): boolean | undefined {
  if (plain.kind === 'int' || plain.kind === 'float') return plain.value !== 0
  if (plain.kind !== 'text') return undefined
  if (['1', 't', 'T', 'true', 'TRUE', 'True'].includes(String(plain.value))) return true
  return ['', '0', 'f', 'F', 'false', 'FALSE', 'False'].includes(String(plain.value)) ? false : undefined
}

function weakNumber(plain: Plain): number | undefined {
  if (plain.kind === 'bool') return plain.value === true ? 1 : 0
  if (plain.kind !== 'text') return undefined
  const exact = plain.value === '' ? 0n : parseInt64(String(plain.value))
  return exact === undefined ? parseFloat(String(plain.value)) : Number(exact)
}
