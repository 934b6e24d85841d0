import { readFileSync } from 'node:fs'
import fc from 'fast-check'
import t from 'tap'
import {
  clockAt,
  fixedZone,
  fromWallClock,
  loadZone,
  offsetByName,
  readZone,
  runtimeZone,
  utc,
  type Zone,
} from '../../../../lib/go/time/zone.ts'

interface Recorded {
  data: Record<string, string>
  zones: { zone: string; seconds: number; offset: number; abbreviation: string }[]
}
const recorded = JSON.parse(readFileSync('fixtures/go/time.json', 'utf8')) as Recorded

function zoneOf(name: string): Zone | undefined {
  return readZone(name, Buffer.from(recorded.data[name] ?? '', 'base64'))
}

void t.test('clocks of zone files, listed changes and rules, as recorded from Go', async (t) => {
  const zones = new Map(Object.keys(recorded.data).map((name) => [name, zoneOf(name)]))
  for (const { zone: name, seconds, offset, abbreviation } of recorded.zones) {
    const zone = zones.get(name)
    t.match(zone && clockAt(zone, seconds), { offset, abbreviation }, `${name} at ${seconds}`)
  }
})

void t.test('loads zones of this system and keeps them', async (t) => {
  const zurich = loadZone('Europe/Zurich')
  t.equal(zurich && clockAt(zurich, 1784116800).offset, 7200)
  t.equal(zurich && clockAt(zurich, 1768478400).offset, 3600)
  t.equal(loadZone('Europe/Zurich'), zurich)
  t.equal(loadZone('UTC'), utc)
  t.equal(loadZone(''), utc)
  t.not(loadZone('Local'), undefined)
})

void t.test('unknown names, and names that lead elsewhere, are refused', async (t) => {
  const names = [
    'Mars/Olympus',
    '../../../etc/passwd',
    '/etc/localtime',
    'Europe/../UTC',
    'Europe//Zurich',
    'Europe/',
  ]
  names.push('.', 'Europe\\Zurich', 'Europe/Zurich\0', 'tzdata.zi', 'Europe', '+01:00')
  for (const name of names) t.equal(loadZone(name), undefined, JSON.stringify(name))
})

void t.test("the runtime's zones agree with the files", async (t) => {
  const file = zoneOf('America/New_York')
  const runtime = runtimeZone('America/New_York')
  if (file === undefined || runtime === undefined) return t.fail('no zone')
  for (let at = -2_000_000_000; at < 4_000_000_000; at += 86_400_000) {
    t.equal(clockAt(runtime, at).offset, clockAt(file, at).offset, String(at))
  }
  t.equal(runtimeZone('Mars/Olympus'), undefined)
  return undefined
})

void t.test('wall clock times that are skipped or shown twice', async (t) => {
  const zone = zoneOf('Europe/Zurich')
  if (zone === undefined) return t.fail('no zone')
  const wall = (text: string): number => Date.parse(`${text}Z`) / 1000
  t.equal(fromWallClock(zone, wall('2026-03-29T02:30:00')), wall('2026-03-29T01:30:00'))
  t.equal(fromWallClock(zone, wall('2026-10-25T02:30:00')), wall('2026-10-25T01:30:00'))
  t.equal(fromWallClock(fixedZone('X', 3600), 0), -3600)
  t.equal(offsetByName(zone, 'CEST', wall('2026-07-01T00:00:00')), 7200)
  t.equal(offsetByName(zone, 'CEST', wall('2026-01-01T00:00:00')), 7200)
  t.equal(offsetByName(zone, 'EST', 0), undefined)
  return undefined
})

void t.test('broken files are refused', async () => {
  const whole = Buffer.from(recorded.data['America/New_York'] ?? '', 'base64')
  const cut = fc.integer({ min: 0, max: whole.length })
  const at = fc.integer({ min: 0, max: 200 })
  fc.assert(
    fc.property(cut, at, fc.nat(255), (cut, at, byte) => {
      const data = Buffer.from(whole.subarray(0, cut))
      if (at < data.length) data[at] = byte
      const zone = readZone('x', data)
      return zone === undefined || Number.isFinite(clockAt(zone, 1e9).offset)
    }),
  )
})
