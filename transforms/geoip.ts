/** `stage.geoip`: what a MaxMind database knows of an IP address becomes extracted values. */
import type { Context, EntryFn } from '../lib/component/component.ts'
import { LogstreamError, messageOf } from '../lib/errors.ts'
import { shapeOf, textOf, type ExtractedValue, type Shape } from '../lib/flow/extracted.ts'
import { map, nullable, optional, required, text } from '../lib/component/fields.ts'
import { Lru } from '../lib/lru.ts'
import { databaseOption, type AddressDatabase } from '../lib/component/options/database.ts'
import { badOption, refuseEmptySource } from '../lib/component/options/pattern.ts'
import { defineStage } from '../lib/component/stage-stream.ts'
import { compileJmespath, type Lookup } from '../lib/formats/jmespath/jmespath.ts'

/** Looking an address up takes some microseconds; logs have the same few again and again. */
const REMEMBERED = 10_000
/** An address has 45 characters at most. */
const LONGEST_ADDRESS = 45
/** Many lines may lack an address: one is logged in this time. */
const LOG_EVERY_MS = 60_000

type Path = readonly string[]

const COUNTRY: readonly (readonly [string, Path])[] = [
  ['geoip_country_name', ['country', 'names', 'en']],
  ['geoip_country_code', ['country', 'iso_code']],
  ['geoip_continent_name', ['continent', 'names', 'en']],
  ['geoip_continent_code', ['continent', 'code']],
]

const CITY: readonly (readonly [string, Path])[] = [
  ['geoip_city_name', ['city', 'names', 'en']],
  ...COUNTRY,
  ['geoip_postal_code', ['postal', 'code']],
  ['geoip_timezone', ['location', 'time_zone']],
  // The list goes from the largest to the smallest; the last one says most.
  ['geoip_subdivision_name', ['subdivisions', 'last', 'names', 'en']],
  ['geoip_subdivision_code', ['subdivisions', 'last', 'iso_code']],
]

/** What is written for one address, ready to be put on an entry. */
interface Row {
  readonly shape: Shape
  readonly values: readonly ExtractedValue[]
}

/**
 * `city` extracts geoip_city_name, _country_name, _country_code, _continent_name, _continent_code, _location_latitude,
 * _location_longitude, _postal_code, _timezone, _subdivision_name and _subdivision_code; `country` the four of country
 * and continent; `asn` extracts geoip_autonomous_system_number and _organization. Names are English, and what the database
 * does not know is left out. The file is read when the stage is built.
 *
 * @example
 * geoip({ db: 'GeoLite2-City.mmdb', source: 'client', db_type: 'city' })
 */
export const geoip = defineStage({
  name: 'geoip',
  summary: 'Extracts the place or the network of an IP address from a MaxMind database.',
  fields: {
    db: required(text, 'Path of the database, a .mmdb file.'),
    source: required(text, 'Extracted value that holds the address.'),
    db_type: optional(text, '', 'What to extract; left out: only custom_lookups.', [
      'city',
      'asn',
      'country',
      '',
    ]),
    custom_lookups: optional(
      nullable(map(text)),
      undefined,
      'Name of the value to a JMESPath expression over the database\'s record (null: the address is unknown); "" means the same.',
    ),
  },
  create: ({ db, source, db_type, custom_lookups }, ctx): EntryFn => {
    if (db === '') throw badOption('db', 'db is empty: name a MaxMind database, such as "GeoLite2-City.mmdb"')
    refuseEmptySource(source)
    if (db_type === '' && custom_lookups === undefined)
      throw badOption('db_type', 'nothing would be extracted: set db_type or custom_lookups')
    const lookups = [...(custom_lookups ?? [])].map(([name, expression]): [string, Lookup] => [
      name,
      lookupOf(expression || name),
    ])
    const rowOf = rowReader(databaseOption('db', db), db_type, lookups)
    const tell = teller(ctx, source)
    const rows = new Lru<string, Row>(REMEMBERED)
    return (entry) => {
      const address = textOf(entry.extracted.get(source))
      if (address === undefined) return undefined
      let row = rows.get(address)
      if (row === undefined) {
        row = rowOf(address, tell)
        if (address.length <= LONGEST_ADDRESS) rows.set(address, row)
      }
      if (row.values.length > 0) entry.extracted.setRow(row.shape, row.values)
      return undefined
    }
  },
})

function lookupOf(expression: string): Lookup {
  try {
    return compileJmespath(expression)
  } catch (error) {
    if (!(error instanceof LogstreamError)) throw error
    throw new LogstreamError(error.code, error.message, { cause: error, option: 'custom_lookups' })
  }
}

type Tell = (problem: string) => void

function teller(ctx: Context, source: string): Tell {
  let logged = -Infinity
  return (problem) => {
    const now = ctx.clock.now()
    if (now - logged < LOG_EVERY_MS) return
    logged = now
    ctx.log.error('an address could not be looked up', { source, problem })
  }
}

const NOTHING: Row = { shape: shapeOf([]), values: [] }

function rowReader(
  database: AddressDatabase,
  type: string,
  lookups: readonly (readonly [string, Lookup])[],
): (address: string, tell: Tell) => Row {
  return (address, tell) => {
    let record: unknown
    try {
      record = database.lookup(address)
    } catch (error) {
      tell(messageOf(error))
      return NOTHING
    }
    const values = new Map<string, ExtractedValue>()
    if (type === 'city') writeCity(record, values)
    else if (type === 'country') writeTexts(record, COUNTRY, values)
    else if (type === 'asn') writeNetwork(record, values)
    // Of an address that the database doesn't know, expressions see null, and may name a default.
    for (const [name, lookup] of lookups) writeCustom(name, lookup(record ?? null), values)
    return { shape: shapeOf([...values.keys()]), values: [...values.values()] }
  }
}

type Values = Map<string, ExtractedValue>

function writeTexts(record: unknown, table: readonly (readonly [string, Path])[], values: Values): void {
  for (const [name, path] of table) {
    const value = at(record, path)
    if (typeof value === 'string' && value !== '') values.set(name, value)
  }
}

function writeCity(record: unknown, values: Values): void {
  writeTexts(record, CITY, values)
  const latitude = numberAt(record, ['location', 'latitude'])
  const longitude = numberAt(record, ['location', 'longitude'])
  // As Alloy: 0, 0 is how it knows that there is none.
  if (latitude === 0 && longitude === 0) return
  values.set('geoip_location_latitude', latitude)
  values.set('geoip_location_longitude', longitude)
}

function writeNetwork(record: unknown, values: Values): void {
  const number = numberAt(record, ['autonomous_system_number'])
  if (number !== 0) values.set('geoip_autonomous_system_number', number)
  const organization = at(record, ['autonomous_system_organization'])
  if (typeof organization === 'string' && organization !== '')
    values.set('geoip_autonomous_system_organization', organization)
}

// A list or object is there, but has no text: what reads it sees nil.
function writeCustom(name: string, value: unknown, values: Values): void {
  if (value === null || value === undefined) return
  const simple = typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean'
  values.set(name, simple ? value : null)
}

function numberAt(record: unknown, path: Path): number {
  const value = at(record, path)
  return typeof value === 'number' ? value : 0
}

function at(record: unknown, path: Path): unknown {
  let value = record
  for (const step of path) {
    if (Array.isArray(value)) value = step === 'last' ? (value as unknown[]).at(-1) : undefined
    else if (typeof value === 'object' && value !== null && Object.hasOwn(value, step))
      value = (value as Record<string, unknown>)[step]
    else return undefined
  }
  return value
}
