/** YAML text as a value, by the rules of Go's yaml.v3. */
import {
  Composer,
  isAlias,
  isMap,
  isScalar,
  isSeq,
  Parser,
  type Alias,
  type Document,
  type Node,
  type Scalar,
  type YAMLMap,
  type YAMLParseError,
} from 'yaml'
import { fromBytes } from '../../go/strings/bytes.ts'
import { isList, isNumeric, isObject } from '../kinds.ts'
import { typeName, ValueError, type Value } from '../value.ts'
import { messageOf } from '../../errors.ts'
import { plainScalar } from './yaml-scalar.ts'

/** The type of the capsule that a map with other keys than strings becomes; its data are the entries. */
export const ODD_MAP = 'map with keys that are not strings'

const maxDepth = 500
const maxNodes = 1_000_000

interface Walk {
  readonly document: Document
  readonly text: string
  /** How many nodes were visited, those of aliases each time, against documents that explode. */
  nodes: number
  /** The targets of aliases; to find one, the library walks the document. */
  readonly targets: Map<Alias, Node>
  /** The lists and maps around the current node. */
  readonly open: Set<Node>
}

// Quoted strings and tags are handled here; the library only builds the tree.
const options = {
  schema: 'failsafe',
  resolveKnownTags: false,
  uniqueKeys: false,
  logLevel: 'silent',
  prettyErrors: false,
} as const

function firstDocument(text: string): Document {
  const composer = new Composer(options)
  try {
    for (const document of composer.compose(new Parser().parse(text), true)) return document as Document
  } catch (error) {
    throw new ValueError(`invalid YAML: ${messageOf(error)}`)
  }
  throw new ValueError('invalid YAML: no document')
}

/** What YAML text can't have: control characters, and bytes that aren't UTF-8. */
const ODD_LETTER = /[^\t\n\r -~\x85\xa0-\ud7ff\ue000-\ufffd\u{10000}-\u{10ffff}]/u

/**
 * The value of the first document; an empty one is null. A map with a key that isn't a string becomes a capsule, as in
 * Alloy. Throws ValueError for malformed YAML and for aliases that multiply without bound.
 */
export function readYaml(text: string): Value {
  const odd = ODD_LETTER.exec(text)
  if (odd !== null)
    throw new ValueError(`invalid YAML: a control character or invalid UTF-8 at character ${odd.index + 1}`)
  const document = firstDocument(text)
  const problem = document.errors.find((error) => !follows(error, document))
  if (problem !== undefined) throw new ValueError(`invalid YAML: ${problem.message}`)
  const { yaml } = document.directives ?? {}
  if (yaml?.explicit === true && yaml.version !== '1.1')
    throw new ValueError('invalid YAML: only version 1.1 is read')
  return nodeValue(document.contents, { document, text, nodes: 0, targets: new Map(), open: new Set() }, 0)
}

/** What comes after a value in brackets or quotes isn't read, as long as it can be cut into tokens. */
function follows({ code, pos }: YAMLParseError, { contents }: Document): boolean {
  const end = contents?.range?.[1]
  const isClosed = isScalar(contents) || ((isMap(contents) || isSeq(contents)) && contents.flow === true)
  return code === 'UNEXPECTED_TOKEN' && isClosed && end !== undefined && pos[0] >= end
}

function nodeValue(node: Node | null | undefined, walk: Walk, depth: number): Value {
  if (depth > maxDepth) throw new ValueError(`invalid YAML: nested deeper than ${maxDepth} levels`)
  if (++walk.nodes > maxNodes) throw new ValueError('invalid YAML: too many nodes or aliases')
  if (node === null || node === undefined) return null
  if (isAlias(node)) return nodeValue(targetOf(node, walk), walk, depth + 1)
  if (isMap(node)) return within(node, walk, () => mapValue(node, walk, depth))
  if (isSeq(node))
    return within(node, walk, () => node.items.map((item) => nodeValue(item as Node, walk, depth + 1)))
  return isScalar(node) ? scalarValue(node, walk) : null
}

function within<T>(node: Node, walk: Walk, read: () => T): T {
  walk.open.add(node)
  const value = read()
  walk.open.delete(node)
  return value
}

function targetOf(alias: Alias, walk: Walk): Node {
  const target = walk.targets.get(alias) ?? alias.resolve(walk.document)
  if (target === undefined) throw new ValueError(`invalid YAML: unknown anchor "${alias.source}"`)
  if (walk.open.has(target)) throw new ValueError(`invalid YAML: anchor "${alias.source}" contains itself`)
  walk.targets.set(alias, target)
  return target
}

function scalarValue(node: Scalar, walk: Walk): Value {
  const text = scalarText(node, walk)
  const tag = node.tag?.replace(/^tag:yaml\.org,2002:/, '!!')
  if (tag === undefined || tag === '!!str' || tag === '!') {
    const quoted = node.type !== 'PLAIN' || tag === '!!str'
    return quoted ? text : plainScalar(text).value
  }
  if (tag === '!!binary') return fromBytes(Buffer.from(text, 'base64'))
  const { value } = plainScalar(text)
  const fits =
    (tag === '!!int' && typeof value === 'bigint') ||
    (tag === '!!float' && isNumeric(value)) ||
    (tag === '!!bool' && typeof value === 'boolean') ||
    (tag === '!!null' && value === null) ||
    (tag === '!!timestamp' && plainScalar(text).time)
  if (fits) return tag === '!!float' ? Number(value) : value
  if (/^!!(int|float|bool|null|timestamp)$/.test(tag)) {
    throw new ValueError(`invalid YAML: expected ${tag}, found ${JSON.stringify(text)}`)
  }
  return text
}

function scalarText(node: Scalar, { text }: Walk): string {
  const read = node.source ?? (typeof node.value === 'string' ? node.value : '')
  // The library adds a line end to a block that ends with the text; Go doesn't.
  const isBlock = node.type === 'BLOCK_LITERAL' || node.type === 'BLOCK_FOLDED'
  const isCut = isBlock && node.range?.[1] === text.length && !/[\r\n]\s*$/.test(text)
  return isCut && read.endsWith('\n') ? read.slice(0, -1) : read
}

function isMergeKey(node: unknown): boolean {
  return isScalar(node) && node.type === 'PLAIN' && node.source === '<<'
}

function keyValue(node: Node, walk: Walk, depth: number): Value {
  const target = isAlias(node) ? targetOf(node, walk) : node
  if (!isScalar(target)) throw new ValueError('invalid YAML: a map or a list cannot be a key')
  const isTime = target.type === 'PLAIN' && plainScalar(String(target.source ?? '')).time
  const key = nodeValue(target, walk, depth + 1)
  // To Go, a time isn't a string.
  if (!isTime || typeof key !== 'string') return key
  return { kind: 'capsule', type: 'time', data: key, text: timeText(key) }
}

/** A time as Go prints it, `2006-01-02 15:04:05 +0000 UTC`, from RFC 3339. */
function timeText(time: string): string {
  const [, day, clock, offset] = /^(.+)T(.+?)(Z|[+-].+)$/.exec(time)!
  const zone = offset!.replace(':', '')
  return `${day} ${clock} ${zone === 'Z' ? '+0000 UTC' : `${zone} ${zone}`}`
}

function mapValue(map: YAMLMap, walk: Walk, depth: number): Value {
  const fields = new Map<string, Value>()
  const entries: [Value, Value][] = []
  const merges: Node[] = []
  const written = new Set<string>()
  let odd = false
  for (const { key, value } of map.items) {
    if (isMergeKey(key)) {
      merges.push(value as Node)
      continue
    }
    const raw = isScalar(key) ? String(key.source ?? '') : undefined
    if (raw !== undefined && written.has(raw))
      throw new ValueError(`invalid YAML: key "${raw}" is given twice`)
    if (raw !== undefined) written.add(raw)
    const name = keyValue(key as Node, walk, depth)
    const field = nodeValue(value as Node | null, walk, depth + 1)
    entries.push([name, field])
    if (typeof name === 'string') fields.set(name, field)
    else odd = true
  }
  for (const node of merges) merge(nodeValue(node, walk, depth + 1), fields)
  return odd ? { kind: 'capsule', type: ODD_MAP, data: entries } : fields
}

// `<<: *a` or `<<: [*a, *b]`: written keys win over merged ones, earlier ones over later ones.
function merge(source: Value, fields: Map<string, Value>): void {
  if (isObject(source)) {
    for (const [key, value] of source) if (!fields.has(key)) fields.set(key, value)
    return
  }
  if (!isList(source) || !source.every(isObject)) {
    throw new ValueError(`invalid YAML: "<<" takes a map or a list of maps, found ${typeName(source)}`)
  }
  for (const element of source) merge(element, fields)
}
