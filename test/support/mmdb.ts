/**
 * Writes small databases in MaxMind's format (https://maxmind.github.io/MaxMind-DB/), with 24-bit records: search tree,
 * 16 zero bytes, data section, marker, metadata.
 */

export type MmdbValue =
  | string
  | number
  | bigint
  | boolean
  | readonly MmdbValue[]
  | { readonly [name: string]: MmdbValue }

export interface MmdbOptions {
  readonly ipVersion?: 4 | 6
  readonly type?: string
}

/** A database of networks (`81.2.69.0/24`, `2001:db8::/32`) and their records. Numbers: whole ones are uint32, others double. */
export function writeMmdb(
  networks: Readonly<Record<string, MmdbValue>>,
  { ipVersion = 6, type = 'Test-City' }: MmdbOptions = {},
): Buffer {
  const data: Buffer[] = []
  let length = 0
  const nodes: [Child, Child][] = [[undefined, undefined]]
  for (const [network, record] of Object.entries(networks)) {
    const bytes = encode(record)
    insert(nodes, bitsOf(network, ipVersion), length)
    data.push(bytes)
    length += bytes.length
  }
  return Buffer.concat([
    treeOf(nodes),
    Buffer.alloc(16),
    ...data,
    Buffer.from('\u{ab}\u{cd}\u{ef}MaxMind.com', 'latin1'),
    encode({
      node_count: nodes.length,
      record_size: 24,
      ip_version: ipVersion,
      database_type: type,
      languages: ['en'],
      binary_format_major_version: 2,
      binary_format_minor_version: 0,
      build_epoch: 1_767_225_600n,
      description: { en: 'for tests' },
    }),
  ])
}

/** Another node, the offset of a record, or nothing. */
type Child = { readonly node: number } | { readonly data: number } | undefined

function insert(nodes: [Child, Child][], bits: readonly number[], data: number): void {
  let at = 0
  for (const [i, bit] of bits.entries()) {
    if (i === bits.length - 1) nodes[at]![bit] = { data }
    else {
      const child = nodes[at]![bit]
      if (child !== undefined && 'node' in child) at = child.node
      else {
        nodes.push([undefined, undefined])
        nodes[at]![bit] = { node: nodes.length - 1 }
        at = nodes.length - 1
      }
    }
  }
}

function treeOf(nodes: readonly [Child, Child][]): Buffer {
  const tree = Buffer.alloc(nodes.length * 6)
  for (const [i, children] of nodes.entries())
    for (const [side, child] of children.entries()) {
      const value =
        child === undefined ? nodes.length : 'node' in child ? child.node : nodes.length + 16 + child.data
      tree.writeUIntBE(value, i * 6 + side * 3, 3)
    }
  return tree
}

// IPv4 networks lie in the first 2^32 addresses of an IPv6 tree.
function bitsOf(network: string, ipVersion: 4 | 6): number[] {
  const [address = '', prefix] = network.split('/')
  const four = !address.includes(':')
  const bytes = four ? address.split('.').map(Number) : groupsOf(address).flatMap((g) => [g >> 8, g & 255])
  const bits = bytes
    .flatMap((byte) => [...byte.toString(2).padStart(8, '0')].map(Number))
    .slice(0, Number(prefix))
  return four && ipVersion === 6 ? [...Array<number>(96).fill(0), ...bits] : bits
}

function groupsOf(address: string): number[] {
  const [head = '', tail] = address.split('::')
  const groups = (text: string): number[] =>
    text === '' ? [] : text.split(':').map((group) => Number.parseInt(group, 16))
  if (tail === undefined) return groups(head)
  const missing = 8 - groups(head).length - groups(tail).length
  return [...groups(head), ...Array<number>(missing).fill(0), ...groups(tail)]
}

// field = control byte: 3 bits of type, 5 of size; types above 7 have 0 there and type - 7 in the next byte.
function encode(value: MmdbValue): Buffer {
  if (typeof value === 'string')
    return Buffer.concat([control(2, Buffer.byteLength(value)), Buffer.from(value)])
  if (typeof value === 'boolean') return control(14, value ? 1 : 0)
  if (typeof value === 'bigint') {
    const bytes = Buffer.alloc(8)
    bytes.writeBigUInt64BE(value)
    return Buffer.concat([control(9, 8), bytes])
  }
  if (typeof value === 'number') return Buffer.concat(encodeNumber(value))
  if (Array.isArray(value)) return Buffer.concat([control(11, value.length), ...value.map(encode)])
  const entries = Object.entries(value as Readonly<Record<string, MmdbValue>>)
  return Buffer.concat([
    control(7, entries.length),
    ...entries.flatMap(([name, each]) => [encode(name), encode(each)]),
  ])
}

function encodeNumber(value: number): Buffer[] {
  if (Number.isInteger(value) && value >= 0) {
    const bytes = Buffer.alloc(4)
    bytes.writeUInt32BE(value)
    return [control(6, 4), bytes]
  }
  const bytes = Buffer.alloc(8)
  bytes.writeDoubleBE(value)
  return [control(3, 8), bytes]
}

// Sizes from 29 to 284 go into one more byte.
function control(type: number, size: number): Buffer {
  const low = size < 29 ? size : 29
  const bytes = type > 7 ? [low, type - 7] : [(type << 5) | low]
  return Buffer.from(size < 29 ? bytes : [...bytes, size - 29])
}
