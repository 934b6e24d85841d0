/** Databases in MaxMind's format (https://maxmind.github.io/MaxMind-DB/): opened once for all that use the same file. */
import { readFileSync, statSync } from 'node:fs'
import { isIP } from 'node:net'
import { Reader } from 'mmdb-lib'
import { LogstreamError, messageOf, reasonOf } from '../errors.ts'

/** A database that has been read into memory. */
export interface Mmdb {
  /** As its maker names it: `GeoLite2-City`. */
  readonly type: string
  /**
   * The record of an address, `undefined` if it has none. Integers beyond 2^53 are strings. Throws BAD_INPUT for
   * anything but an IP address (zones aren't allowed), an IPv6 address in an IPv4 database, and a damaged record.
   */
  lookup(address: string): unknown
}

/** Open databases by path; one that is no longer used is garbage-collected. */
const opened = new Map<string, { readonly stamp: string; readonly database: WeakRef<Mmdb> }>()

/** Reads the database at `path`. Throws IO if it can't be read, BAD_INPUT if it isn't a database. */
export function openMmdb(path: string): Mmdb {
  try {
    const { mtimeMs, size, ino } = statSync(path)
    const stamp = `${ino} ${size} ${mtimeMs}`
    const before = opened.get(path)
    const known = before?.stamp === stamp ? before.database.deref() : undefined
    if (known !== undefined) return known
    const database = readMmdb(path, readFileSync(path))
    opened.set(path, { stamp, database: new WeakRef(database) })
    return database
  } catch (error) {
    if (error instanceof LogstreamError) throw error
    throw new LogstreamError('IO', `cannot read the database ${path}: ${reasonOf(error)}`, { cause: error })
  }
}

function readMmdb(path: string, bytes: Buffer): Mmdb {
  let reader: Reader<object>
  try {
    reader = new Reader<object>(bytes)
  } catch (error) {
    throw new LogstreamError('BAD_INPUT', `${path} isn't a database in MaxMind's format (.mmdb)`, {
      cause: error,
    })
  }
  const { databaseType, ipVersion } = reader.metadata
  return {
    type: databaseType,
    lookup: (text) => {
      const address = asFour(text)
      const kind = address.includes('%') ? 0 : isIP(address)
      if (kind === 0) throw new LogstreamError('BAD_INPUT', 'expected an IP address')
      if (kind === 6 && ipVersion === 4)
        throw new LogstreamError('BAD_INPUT', `${path} knows IPv4 addresses only`)
      try {
        const record = reader.get(address)
        return record === null ? undefined : plain(record)
      } catch (error) {
        throw new LogstreamError('BAD_INPUT', `${path} is damaged: ${messageOf(error)}`, { cause: error })
      }
    },
  }
}

// An IPv4 address in the form of an IPv6 one (::ffff:1.2.3.4) is looked up as what it is.
function asFour(text: string): string {
  if (!text.includes(':') || !/ffff:/i.test(text) || isIP(text) !== 6 || text.includes('%')) return text
  const [, high, low] =
    /^\[::ffff:([0-9a-f]+):([0-9a-f]+)\]$/.exec(new URL(`http://[${text}]`).hostname) ?? []
  if (high === undefined || low === undefined) return text
  const [a, b] = [Number.parseInt(high, 16), Number.parseInt(low, 16)]
  return `${a >> 8}.${a & 255}.${b >> 8}.${b & 255}`
}

function plain(value: unknown): unknown {
  if (typeof value === 'bigint') return value <= Number.MAX_SAFE_INTEGER ? Number(value) : String(value)
  if (typeof value !== 'object' || value === null) return value
  if (Array.isArray(value)) return value.map(plain)
  return Object.fromEntries(Object.entries(value).map(([name, each]) => [name, plain(each)]))
}
