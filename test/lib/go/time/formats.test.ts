import { readFileSync } from 'node:fs'
import fc from 'fast-check'
import t from 'tap'
import { compileTimeFormat } from '../../../../lib/go/time/formats.ts'
import { readZone, utc, type Zone } from '../../../../lib/go/time/zone.ts'

interface Recorded {
  data: Record<string, string>
  formats: {
    format: string
    zone?: string
    now: number
    text: string
    seconds: number | null
    nanos?: number
  }[]
}
const recorded = JSON.parse(readFileSync('fixtures/go/time.json', 'utf8')) as Recorded

function zoneOf(name: string | undefined): Zone {
  const data = name === undefined ? undefined : recorded.data[name]
  return data === undefined ? utc : (readZone(name ?? '', Buffer.from(data, 'base64')) ?? utc)
}

void t.test('Unix times and layouts without a year, as recorded from Go', async (t) => {
  for (const { format, zone, now, text, seconds, nanos = 0 } of recorded.formats) {
    const time = compileTimeFormat(format, { zone: zoneOf(zone), now: () => now })(text)
    const found = time === undefined ? null : { seconds: time.seconds, nanos: time.nanos }
    const name = `${format} in ${zone}: ${JSON.stringify(text)} at ${new Date(now).toISOString()}`
    t.strictSame(found, seconds === null ? null : { seconds, nanos }, name)
  }
})

void t.test('every named format', async (t) => {
  const texts: Record<string, string> = {
    ANSIC: 'Tue Feb  3 04:05:06 2026',
    UnixDate: 'Tue Feb  3 04:05:06 UTC 2026',
    RubyDate: 'Tue Feb 03 04:05:06 +0000 2026',
    RFC850: 'Tuesday, 03-Feb-26 04:05:06 UTC',
    RFC1123: 'Tue, 03 Feb 2026 04:05:06 GMT',
    RFC1123Z: 'Tue, 03 Feb 2026 05:05:06 +0100',
    RFC3339: '2026-02-03T04:05:06Z',
    RFC3339Nano: '2026-02-03T04:05:06.000000000Z',
    Unix: '1770091506',
    UnixMs: '1770091506000',
    UnixUs: '1770091506000000',
    UnixNs: '1770091506000000000',
  }
  for (const [format, text] of Object.entries(texts)) {
    t.match(compileTimeFormat(format)(text), { seconds: 1770091506, nanos: 0 }, format)
  }
  t.match(compileTimeFormat('RFC822')('03 Feb 26 04:05 UTC'), { seconds: 1770091500 })
  t.match(compileTimeFormat('RFC822Z')('03 Feb 26 04:05 +0000'), { seconds: 1770091500 })
})

void t.test('named formats take no notice of the zone', async (t) => {
  const zone = zoneOf('Asia/Tokyo')
  t.not(zone, utc)
  t.match(compileTimeFormat('ANSIC', { zone })('Tue Feb  3 04:05:06 2026'), { seconds: 1770091506 })
  t.match(compileTimeFormat('2006-01-02', { zone })('2026-02-03'), { seconds: 1770044400 })
})

void t.test('RFC 3339 is read as leniently as by Go', async (t) => {
  const parse = compileTimeFormat('RFC3339')
  t.match(parse('2026-02-03T4:05:06,5Z'), { seconds: 1770091506, nanos: 500_000_000 })
  t.equal(parse('2026-02-03 04:05:06Z'), undefined)
})

void t.test('never throws', async () => {
  const format = fc.constantFrom(
    'Unix',
    'UnixMs',
    'UnixNs',
    'RFC3339',
    'RFC822',
    'Jan 2 15:04 MST',
    'constructor',
  )
  const text = fc.string({ unit: fc.constantFrom('0', '9', '.', '-', '+', 'T', 'Z', ':', 'e', ' ', '１') })
  const known = [true, false]
  fc.assert(
    fc.property(format, text, (format, text) =>
      known.includes(compileTimeFormat(format)(text) === undefined),
    ),
  )
})
