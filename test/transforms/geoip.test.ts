import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import t from 'tap'
import type { Stage } from '../../lib/component/component.ts'
import type { Entry } from '../../lib/flow/entry.ts'
import type { LogFields } from '../../lib/telemetry/log.ts'
import { geoip } from '../../transforms/geoip.ts'
import * as stages from '../../transforms/index.ts'
import { writeMmdb } from '../support/mmdb.ts'
import { Bench, refusal } from '../support/stage-run.ts'

const folder = t.testdir({})
const db = join(folder, 'test.mmdb')
writeFileSync(
  db,
  writeMmdb({
    '81.2.69.0/24': {
      city: { names: { en: 'London', de: 'London (de)' } },
      continent: { code: 'EU', names: { en: 'Europe' } },
      country: { iso_code: 'GB', names: { en: 'United Kingdom' } },
      location: { latitude: 51.5142, longitude: -0.0931, time_zone: 'Europe/London' },
      postal: { code: 'EC1A' },
      subdivisions: [
        { iso_code: 'ENG', names: { en: 'England' } },
        { iso_code: 'LND', names: { en: 'City of London' } },
      ],
      autonomous_system_number: 20_712,
      autonomous_system_organization: 'Andrews & Arnold',
      flags: { anycast: true },
    },
    '2.0.0.0/8': {
      country: { iso_code: '', names: { de: 'Frankreich' } },
      location: { latitude: 0, longitude: 0 },
    },
    '3.0.0.0/8': { location: { latitude: 0, longitude: 5.5 }, subdivisions: [] },
  }),
)

const bench = new Bench()

async function extract(stage: Stage, address: string): Promise<Record<string, unknown>> {
  const [out] = (await stage.run([bench.entry('line', { ip: address })])) as Entry[]
  const { ip: _, ...values } = Object.fromEntries(out!.extracted.toMap())
  return values
}

const COUNTRY = {
  geoip_country_name: 'United Kingdom',
  geoip_country_code: 'GB',
  geoip_continent_name: 'Europe',
  geoip_continent_code: 'EU',
}

void t.test('city, country and asn', async (tap) => {
  const stage = (db_type: 'city' | 'country' | 'asn'): Stage =>
    bench.stage(geoip, { db, source: 'ip', db_type })
  tap.same(await extract(stage('city'), '81.2.69.142'), {
    ...COUNTRY,
    geoip_city_name: 'London',
    geoip_postal_code: 'EC1A',
    geoip_timezone: 'Europe/London',
    geoip_subdivision_name: 'City of London',
    geoip_subdivision_code: 'LND',
    geoip_location_latitude: 51.5142,
    geoip_location_longitude: -0.0931,
  })
  tap.same(await extract(stage('country'), '81.2.69.142'), COUNTRY)
  tap.same(await extract(stage('asn'), '::ffff:81.2.69.142'), {
    geoip_autonomous_system_number: 20_712,
    geoip_autonomous_system_organization: 'Andrews & Arnold',
  })
})

void t.test('what the database does not know is left out', async (tap) => {
  const stage = bench.stage(geoip, { db, source: 'ip', db_type: 'city' })
  tap.same(await extract(stage, '2.1.1.1'), {}, 'no English name, no place')
  tap.same(await extract(stage, '3.1.1.1'), { geoip_location_latitude: 0, geoip_location_longitude: 5.5 })
  tap.same(await extract(stage, '4.1.1.1'), {}, 'no record')
  tap.same(await extract(bench.stage(geoip, { db, source: 'ip', db_type: 'asn' }), '2.1.1.1'), {})
  const [out] = (await stage.run([bench.entry('line', { other: '81.2.69.142' })])) as Entry[]
  tap.same(Object.keys(Object.fromEntries(out!.extracted.toMap())), ['other'], 'no source')
})

void t.test('custom lookups', async (tap) => {
  const stage = bench.stage(geoip, {
    db,
    source: 'ip',
    custom_lookups: {
      postal: 'postal.code',
      asn: 'autonomous_system_number',
      flags: '',
      anycast: 'flags.anycast',
      none: 'no.such',
      bad: 'abs(postal)',
    },
  })
  tap.same(await extract(stage, '81.2.69.142'), { postal: 'EC1A', asn: 20_712, flags: null, anycast: true })
  tap.same(await extract(stage, '4.1.1.1'), {})
})

void t.test('custom lookups of an address that the database does not know see null', async (tap) => {
  const stage = bench.stage(geoip, {
    db,
    source: 'ip',
    db_type: 'city',
    custom_lookups: { town: "city.names.en || 'unknown'", postal: 'postal.code' },
  })
  tap.same(await extract(stage, '4.1.1.1'), { town: 'unknown' })
  tap.same(await extract(stage, 'no address'), {})
})

void t.test('an address that was seen before is the same', async (tap) => {
  const stage = bench.stage(geoip, { db, source: 'ip', db_type: 'country' })
  const first = await extract(stage, '81.2.69.1')
  tap.same(await extract(stage, '81.2.69.1'), first)
  tap.same(first, COUNTRY)
})

void t.test('an invalid address passes, and is logged now and then', async (tap) => {
  const told: (LogFields | undefined)[] = []
  const own = new Bench()
  const log = { ...own.ctx.log, error: (_: string, fields?: LogFields) => void told.push(fields) }
  const create = geoip.definition.create(
    { db, source: 'ip', db_type: 'city', custom_lookups: undefined },
    { ...own.ctx, log },
  )
  if (typeof create !== 'function') throw new Error('expected a function of one entry')
  const entry = own.entry('x', { ip: 'unknown' })
  tap.equal(create(entry), undefined)
  create(own.entry('x', { ip: 'x'.repeat(100) }))
  tap.same(told, [{ source: 'ip', problem: 'expected an IP address' }])
  own.clock.advance(60_000)
  create(own.entry('x', { ip: 'y' }))
  tap.equal(told.length, 2)
  tap.same(Object.fromEntries(entry.extracted.toMap()), { ip: 'unknown' })
})

void t.test('options that cannot work', (tap) => {
  const build = (options: Partial<Parameters<typeof geoip>[0]>): string =>
    refusal(() => bench.stage(geoip, { db, source: 'ip', ...options }))
  tap.equal(build({ db_type: 'city' }), 'built')
  tap.equal(build({ custom_lookups: {} }), 'built', 'as Alloy, which only asks whether it is there')
  tap.equal(build({}), 'BAD_ARGUMENT db_type')
  // @ts-expect-error -- the type names the databases
  tap.equal(build({ db_type: 'town' }), 'BAD_ARGUMENT db_type')
  tap.equal(build({ db: '', db_type: 'city' }), 'BAD_ARGUMENT db')
  tap.equal(build({ db: `${folder}/none`, db_type: 'city' }), 'IO db')
  tap.equal(build({ source: '', db_type: 'city' }), 'BAD_ARGUMENT source')
  tap.equal(build({ custom_lookups: { a: '!' } }), 'BAD_ARGUMENT custom_lookups')
  tap.equal(stages.geoip, geoip)
  tap.end()
})
