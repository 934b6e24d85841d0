/** YAML text as a plain tree with places, aliases and merge keys resolved, scalars left as text. */
import {
  isAlias,
  isMap,
  isScalar,
  isSeq,
  parseAllDocuments,
  type Alias,
  type Document,
  type ParsedNode,
} from 'yaml'
import { parseFloat } from '../strconv/number.ts'
import { parseInt64 } from '../strconv/integer.ts'

/** A half-open range of UTF-16 offsets into the text. */
export interface Range {
  readonly start: number
  readonly end: number
}

export interface ScalarNode {
  readonly kind: 'scalar'
  readonly text: string
  /** Written without quotes and without a tag, so that `5` is a number and `yes` is true. */
  readonly plain: boolean
  readonly range: Range
}

export interface ListNode {
  readonly kind: 'list'
  readonly items: readonly Node[]
  readonly range: Range
}

export interface MapEntry {
  readonly key: string
  readonly keyRange: Range
  readonly value: Node
}

export interface MapNode {
  readonly kind: 'map'
  readonly entries: readonly MapEntry[]
  readonly range: Range
}

export type Node = ScalarNode | ListNode | MapNode

/** Something in the YAML that isn't as it must be. */
export interface Problem {
  readonly message: string
  readonly range: Range
}

/** The value of a scalar by its text and quotes; undefined for a list or a map. */
export type Plain = { readonly kind: 'null' } | { readonly kind: PlainKind; readonly value: PlainValue }
type PlainKind = 'bool' | 'int' | 'float' | 'text'
type PlainValue = boolean | number | string

/** More nodes than any config has; aliases of aliases get there with few bytes. */
const nodeLimit = 200_000

/** The place of what the text doesn't hold. */
export const nowhere: MapNode = { kind: 'map', entries: [], range: { start: 0, end: 0 } }

/**
 * Reads the first document of a YAML text. An empty one is an empty map. Never throws: what is wrong
 * with the text, also a key that is there twice, is in `problems`.
 */
export function parseYaml(text: string): { root: Node; problems: Problem[] } {
  const problems: Problem[] = []
  try {
    const found = parseAllDocuments<ParsedNode>(text, {
      schema: 'failsafe',
      uniqueKeys: false,
      strict: false,
    })
    const [document] = Array.isArray(found) ? found : []
    const [error] = document?.errors ?? []
    if (error !== undefined) {
      const deep = error.message.includes('call stack')
      const message = deep ? 'the YAML is nested too deeply' : (error.message.split(/ at line |\n/)[0] ?? '')
      return { root: nowhere, problems: [{ message, range: { start: error.pos[0], end: error.pos[1] } }] }
    }
    if (document === undefined || document.contents === null) return { root: nowhere, problems }
    const root = new Tree(document, problems).node(document.contents)
    const empty = root.kind === 'scalar' && root.plain && root.text === ''
    return { root: empty ? nowhere : root, problems }
  } catch (error) {
    if (!(error instanceof RangeError)) throw error
    return { root: nowhere, problems: [{ message: 'the YAML is nested too deeply', range: nowhere.range }] }
  }
}

class Tree {
  readonly #document: Document.Parsed<ParsedNode>
  readonly #problems: Problem[]
  readonly #open = new Set<ParsedNode>()
  readonly #targets = new Map<Alias, ParsedNode>()
  #count = 0

  constructor(document: Document.Parsed<ParsedNode>, problems: Problem[]) {
    this.#document = document
    this.#problems = problems
  }

  node(from: ParsedNode | null): Node {
    if (from === null) return { kind: 'scalar', text: '', plain: true, range: nowhere.range }
    const range = { start: from.range[0], end: from.range[1] }
    if (++this.#count === nodeLimit) this.#refuse('the YAML has too many values or aliases', range)
    if (this.#count >= nodeLimit) return nowhere
    if (isAlias(from)) return this.#alias(from, range)
    if (isScalar(from)) {
      const plain = from.type === 'PLAIN' && from.tag === undefined
      return { kind: 'scalar', text: typeof from.value === 'string' ? from.value : '', plain, range }
    }
    if (this.#open.has(from)) return this.#refuse('the YAML anchor holds itself', range)
    this.#open.add(from)
    const node = this.#collection(from, range)
    this.#open.delete(from)
    return node
  }

  #collection(from: ParsedNode, range: Range): Node {
    if (isSeq(from))
      return { kind: 'list', items: from.items.map((item) => this.node(item as ParsedNode)), range }
    if (isMap(from)) return { kind: 'map', entries: this.#entries(from.items as Pairs), range }
    return this.#refuse('this kind of YAML value is not supported', range)
  }

  #alias(from: Alias.Parsed, range: Range): Node {
    // Looking an anchor up walks through the whole document.
    const target = this.#targets.get(from) ?? (from.resolve(this.#document) as ParsedNode | undefined)
    if (target === undefined) return this.#refuse(`there is no YAML anchor &${from.source}`, range)
    this.#targets.set(from, target)
    return this.node(target)
  }

  #entries(pairs: Pairs): MapEntry[] {
    const entries = new Map<string, MapEntry>()
    const merged: MapEntry[] = []
    for (const { key, value } of pairs) {
      const name = this.node(key)
      if (name.kind !== 'scalar') {
        this.#refuse('a key must be a string', name.range)
        continue
      }
      const entry = { key: name.text, keyRange: name.range, value: this.node(value) }
      if (name.text === '<<' && name.plain) merged.push(...this.#merged(entry.value))
      else if (!entries.has(entry.key)) entries.set(entry.key, entry)
      else this.#refuse(`the key "${entry.key}" is there twice`, name.range)
    }
    for (const entry of merged) if (!entries.has(entry.key)) entries.set(entry.key, entry)
    return [...entries.values()]
  }

  #merged(value: Node): readonly MapEntry[] {
    if (value.kind === 'map') return value.entries
    if (value.kind === 'list' && value.items.every((item) => item.kind === 'map'))
      return value.items.flatMap((item) => (item as MapNode).entries)
    this.#refuse('<< takes a map or a list of maps', value.range)
    return []
  }

  #refuse(message: string, range: Range): MapNode {
    // After the limit everything looks wrong.
    if (this.#count <= nodeLimit) this.#problems.push({ message, range })
    return nowhere
  }
}

type Pairs = readonly { readonly key: ParsedNode; readonly value: ParsedNode | null }[]

const truths = new Set(['y', 'Y', 'yes', 'Yes', 'YES', 'true', 'True', 'TRUE', 'on', 'On', 'ON'])
const lies = new Set(['n', 'N', 'no', 'No', 'NO', 'false', 'False', 'FALSE', 'off', 'Off', 'OFF'])
const nulls = new Set(['', '~', 'null', 'Null', 'NULL'])
const integer = /^[-+]?(?:0|[1-9][0-9]*)$/
const based = /^([-+]?)0(x[0-9a-fA-F]+|b[01]+|o?[0-7]+)$/
const decimal = /^[-+]?(?:\.[0-9]+|[0-9]+(?:\.[0-9]*)?)(?:[eE][-+]?[0-9]+)?$/

/** What a scalar means by the rules of YAML 1.1 as Promtail's reader (gopkg.in/yaml.v2) takes them. */
export function plainOf(node: ScalarNode): Plain {
  const { text } = node
  if (!node.plain) return { kind: 'text', value: text }
  if (nulls.has(text)) return { kind: 'null' }
  if (truths.has(text)) return { kind: 'bool', value: true }
  if (lies.has(text)) return { kind: 'bool', value: false }
  return numberOf(text.replaceAll('_', '')) ?? { kind: 'text', value: text }
}

function numberOf(text: string): Plain | undefined {
  if (integer.test(text)) {
    const exact = parseInt64(text)
    return exact === undefined
      ? { kind: 'float', value: Number(text) }
      : { kind: 'int', value: Number(exact) }
  }
  const match = based.exec(text)
  if (match !== null) {
    const digits = match[2] ?? ''
    const value = Number(/^[xbo]/.test(digits) ? `0${digits}` : `0o${digits}`)
    return { kind: 'int', value: match[1] === '-' ? -value : value }
  }
  if (/^[-+]?\.(?:inf|Inf|INF)$/.test(text))
    return { kind: 'float', value: text.startsWith('-') ? -Infinity : Infinity }
  const value = decimal.test(text) ? parseFloat(text) : undefined
  return value === undefined ? undefined : { kind: 'float', value }
}

/** Whether the node is `~`, `null` or missing. */
export function isNull(node: Node): boolean {
  return node.kind === 'scalar' && plainOf(node).kind === 'null'
}

/** The entry of a map by its key. */
export function entryOf(node: MapNode, key: string): MapEntry | undefined {
  return node.entries.find((entry) => entry.key === key)
}
