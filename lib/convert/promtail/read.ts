/** Readers of YAML nodes as Go's yaml.v2 fills structs in its strict mode: unknown keys and wrong types are problems. */
import { nearest } from '../../alloy/nearest.ts'
import { parseDuration } from '../../go/duration.ts'
import { compileAnchored } from '../../go/regexp/regexp.ts'
import { messageOf } from '../../errors.ts'
import { validLabelName } from '../../formats/label-text.ts'
import {
  entryOf,
  isNull,
  nowhere,
  plainOf,
  type MapNode,
  type Node,
  type Plain,
  type Problem,
} from '../../go/yaml/tree.ts'

/** How a value is read. Problems are noted, never thrown; the value of a problem is `zero`. */
export interface Reader<T> {
  /** The value of a key that isn't there. */
  readonly absent: T
  /** The value of a key with nothing (or null) after it. */
  readonly zero: T
  read(node: Node, problems: Problem[]): T
}

export type Shape = Readonly<Record<string, Reader<unknown>>>

/** What `struct` reads: the fields, and the node that they come from. */
export type Value<S extends Shape> = {
  readonly [K in keyof S]: S[K] extends Reader<infer T> ? T : never
} & { readonly origin: MapNode }

/** Tells what is wrong with a value that was read. */
export type Check<T> = (value: T, refuse: (message: string) => void) => void

function scalar<T>(
  absent: T,
  zero: T,
  what: string,
  take: (plain: Plain, text: string) => T | undefined,
): Reader<T> {
  const refuse = (node: Node, problems: Problem[]): T => {
    const found = node.kind === 'scalar' ? `"${node.text}"` : `a ${node.kind}`
    problems.push({ message: `expected ${what}, found ${found}`, range: node.range })
    return zero
  }
  return {
    absent,
    zero,
    read: (node, problems) => {
      if (node.kind !== 'scalar') return refuse(node, problems)
      const plain = plainOf(node)
      if (plain.kind === 'null') return zero
      return take(plain, node.text) ?? refuse(node, problems)
    },
  }
}

/** A text; numbers and truth values count as they are written. */
export const text = (absent = ''): Reader<string> => scalar(absent, '', 'a text', (_, written) => written)

export const bool = (absent = false): Reader<boolean> =>
  scalar(absent, false, 'true or false', (plain) =>
    plain.kind === 'bool' ? (plain.value as boolean) : undefined,
  )

/** A whole number; a fraction is cut off, as yaml.v2 does. */
export const int = (absent = 0): Reader<number> =>
  scalar(absent, 0, 'a whole number', (plain) => {
    const value = numberOf(plain)
    return value === undefined ? undefined : Math.trunc(value)
  })

export const float = (absent = 0): Reader<number> => scalar(absent, 0, 'a number', numberOf)

function numberOf(plain: Plain): number | undefined {
  return plain.kind === 'int' || plain.kind === 'float' ? finite(plain.value as number) : undefined
}

function finite(value: number): number | undefined {
  return Number.isFinite(value) ? value : undefined
}

/** Nanoseconds, from Go's notation (`1m30s`); a bare number is nanoseconds. */
export const duration = (absent = 0): Reader<number> =>
  scalar(absent, 0, 'a duration such as "30s"', (plain, written) =>
    plain.kind === 'int' ? (plain.value as number) : parseDuration(written),
  )

const prometheusUnits: Record<string, number> = {
  y: 365 * 86_400e9,
  w: 7 * 86_400e9,
  d: 86_400e9,
  h: 3_600e9,
  m: 60e9,
  s: 1e9,
  ms: 1e6,
}
const prometheusDuration = /^(?:\d+y)?(?:\d+w)?(?:\d+d)?(?:\d+h)?(?:\d+m)?(?:\d+s)?(?:\d+ms)?$/

/** Nanoseconds, from Prometheus' notation (`1d12h`: whole numbers, units from large to small). */
export const prometheusTime = (absent = 0): Reader<number> =>
  scalar(absent, 0, 'a duration such as "30s" or "1d"', (_, written) => {
    if (written === '0') return 0
    if (written === '' || !prometheusDuration.test(written)) return undefined
    let total = 0
    for (const [, count, unit] of written.matchAll(/(\d+)([a-z]+)/g))
      total += Number(count) * (prometheusUnits[unit ?? ''] ?? 0)
    return total < 2 ** 63 ? total : undefined
  })

const byteUnits: Record<string, number> = { '': 0, B: 0, K: 1, M: 2, G: 3, T: 4, P: 5, E: 6 }

/** The bytes of a size such as `256kb` or `1M` (powers of 1024, no fractions), undefined for anything else. */
export function byteSizeOf(written: string): number | undefined {
  const match = /^(\d+)\s*(?:([KMGTPE]?)B?|BYTE|(KILO|MEGA|GIGA|TERA|PETA|EXA)(?:BYTES?)?)$/.exec(
    written.toUpperCase(),
  )
  if (match === null) return undefined
  const size = Number(match[1]) * 1024 ** (byteUnits[match[2] ?? match[3]?.[0] ?? ''] ?? 0)
  return size < 2 ** 64 ? size : undefined
}

export const byteSize = (): Reader<number> =>
  scalar(0, 0, 'a size such as "256kb"', (_, written) => byteSizeOf(written))

/** A string that must be one of a few. */
export function choice(values: readonly string[], absent = ''): Reader<string> {
  const what = `one of ${values.join(', ')}`
  return scalar(absent, '', what, (_, written) => (values.includes(written) ? written : undefined))
}

/** A URL as Go's url.Parse takes it, which refuses little; kept as it is written. */
export const url = (): Reader<string> =>
  scalar('', '', 'a URL', (_, written) => (isGoUrl(written) ? written : undefined))

export function isGoUrl(written: string): boolean {
  if (/[\u0000-\u0020\u007f]/.test(written.replaceAll(' ', '')) || written.startsWith(':')) return false
  const scheme = /^([^:/?#]*):/.exec(written)
  if (scheme !== null && !/^[a-zA-Z][a-zA-Z0-9+.-]*$/.test(scheme[1] ?? '')) return false
  const [, host] = /^(?:[^:/?#]*:)?\/\/(?:[^/?#]*@)?([^/?#]*)/.exec(written) ?? []
  return host === undefined || /^(?:\[[^\]]*\]|[^:[\] ]*)(?::\d*)?$/.test(host)
}

/** A regular expression of a relabelling rule. */
export const anchoredRegex = (absent: string): Reader<string> => ({
  ...text(absent),
  read: (node, problems) => {
    const pattern = text().read(node, problems)
    try {
      compileAnchored(pattern)
    } catch (error) {
      problems.push({ message: messageOf(error), range: node.range })
    }
    return pattern
  },
})

/** A reader whose value is undefined if nothing is given. */
export function maybe<T>(reader: Reader<T>): Reader<T | undefined> {
  return {
    absent: undefined,
    zero: undefined,
    read: (node, problems) => (isNull(node) ? undefined : reader.read(node, problems)),
  }
}

/** The node itself. */
export const raw: Reader<Node | undefined> = { absent: undefined, zero: undefined, read: (node) => node }

export function list<T>(item: Reader<T>): Reader<readonly T[] | undefined> {
  return maybe({
    absent: [],
    zero: [],
    read: (node, problems) => {
      if (node.kind === 'list')
        return node.items.map((each) => (isNull(each) ? item.zero : item.read(each, problems)))
      problems.push({ message: `expected a list, found ${described(node)}`, range: node.range })
      return []
    },
  })
}

export const texts = (): Reader<readonly string[] | undefined> => list(text())

export function map<T>(item: Reader<T>): Reader<ReadonlyMap<string, T> | undefined> {
  return maybe({
    absent: new Map(),
    zero: new Map(),
    read: (node, problems) => {
      const values = new Map<string, T>()
      if (node.kind !== 'map')
        problems.push({ message: `expected a map, found ${described(node)}`, range: node.range })
      else
        for (const { key, value } of node.entries)
          values.set(key, isNull(value) ? item.zero : item.read(value, problems))
      return values
    },
  })
}

/** Label names and values; undefined if nothing is given. */
export const labels = (): Reader<ReadonlyMap<string, string> | undefined> => {
  const pairs = map(text())
  return {
    ...pairs,
    read: (node, problems) => {
      for (const { key, keyRange } of node.kind === 'map' ? node.entries : [])
        if (!validLabelName(key))
          problems.push({ message: `"${key}" is not a valid label name`, range: keyRange })
      return pairs.read(node, problems)
    },
  }
}

/** A map with known keys. `check` runs on what was read without a problem. */
export function struct<S extends Shape>(shape: S, check?: Check<Value<S>>): Reader<Value<S>> {
  const filled = (node: MapNode, pick: (reader: Reader<unknown>, key: string) => unknown): Value<S> =>
    Object.fromEntries([
      ...Object.entries(shape).map(([key, reader]) => [key, pick(reader, key)]),
      ['origin', node],
    ]) as Value<S>
  const zero = filled(nowhere, (reader) => reader.zero)
  return {
    absent: filled(nowhere, (reader) => reader.absent),
    zero,
    read: (node, problems) => {
      if (node.kind !== 'map') {
        if (!isNull(node))
          problems.push({ message: `expected a map, found ${described(node)}`, range: node.range })
        return zero
      }
      const before = problems.length
      noteUnknown(node, shape, problems)
      const value = filled(node, (reader, key) => {
        const entry = entryOf(node, key)
        if (entry === undefined) return reader.absent
        return isNull(entry.value) ? reader.zero : reader.read(entry.value, problems)
      })
      if (problems.length === before)
        check?.(value, (message) => problems.push({ message, range: node.range }))
      return value
    },
  }
}

function noteUnknown(node: MapNode, shape: Shape, problems: Problem[]): void {
  for (const { key, keyRange } of node.entries) {
    if (Object.hasOwn(shape, key)) continue
    const near = nearest(key, Object.keys(shape))
    const hint = near === undefined ? '' : `. Did you mean ${near}?`
    problems.push({ message: `Promtail has no field "${key}" here${hint}`, range: keyRange })
  }
}

function described(node: Node): string {
  return node.kind === 'scalar' ? `"${node.text}"` : `a ${node.kind}`
}
