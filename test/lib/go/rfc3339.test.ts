import fc from 'fast-check'
import t from 'tap'
import { formatRfc3339Nano, parseRfc3339 } from '../../../lib/go/rfc3339.ts'

void t.test('reads offsets and fractions', async (t) => {
  t.strictSame(parseRfc3339('2026-02-03T04:05:06Z'), { seconds: 1770091506, nanos: 0 })
  t.strictSame(parseRfc3339('2026-02-03T05:35:06.25+01:30'), { seconds: 1770091506, nanos: 250_000_000 })
  t.strictSame(parseRfc3339('1969-12-31T23:59:59.9999999999-00:00'), { seconds: -1, nanos: 999_999_999 })
  t.strictSame(parseRfc3339('2024-02-29T00:00:00Z'), { seconds: 1709164800, nanos: 0 })
})

void t.test('refuses what is not exactly that', async (t) => {
  const texts = ['', '2026-02-03', '2026-02-03T04:05:06', '2026-02-03 04:05:06Z', '2026-02-03T04:05:06.Z']
  texts.push('2026-02-30T00:00:00Z', '2026-13-01T00:00:00Z', '2026-02-03T24:00:00Z', '2026-02-03T04:60:00Z')
  texts.push(
    '2026-02-03T04:05:60Z',
    '2026-02-03T04:05:06+24:00',
    '2026-02-03T04:05:06+01',
    '2026-02-03T04:05:06Zx',
  )
  texts.push(
    '2026-02-03T4:05:06Z',
    '2026-02-03T04:05:06,5Z',
    '2026-02-00T04:05:06Z',
    '2026-02-03T04:05:06+0x:00',
  )
  for (const text of texts) t.equal(parseRfc3339(text), undefined, text)
})

void t.test('prints no more digits than needed', async (t) => {
  t.equal(formatRfc3339Nano(1770091506, 0), '2026-02-03T04:05:06Z')
  t.equal(formatRfc3339Nano(1770091506, 500_000_000), '2026-02-03T04:05:06.5Z')
  t.equal(formatRfc3339Nano(1770091506, 123_456_780), '2026-02-03T04:05:06.12345678Z')
  t.equal(formatRfc3339Nano(-1, 1), '1969-12-31T23:59:59.000000001Z')
  t.equal(formatRfc3339Nano(-62135596800, 0), '0001-01-01T00:00:00Z')
  t.equal(formatRfc3339Nano(-62167219201, 0), '-0001-12-31T23:59:59Z')
})

void t.test('reads back what it prints', async () => {
  const seconds = fc.integer({ min: -62167219200, max: 253402300799 })
  fc.assert(
    fc.property(seconds, fc.integer({ min: 0, max: 999_999_999 }), (seconds, nanos) => {
      const time = parseRfc3339(formatRfc3339Nano(seconds, nanos))
      return time?.seconds === seconds && time.nanos === nanos
    }),
  )
})

void t.test('agrees with the runtime', async () => {
  const date = fc.date({ min: new Date('0000-01-01'), max: new Date('9999-12-31'), noInvalidDate: true })
  fc.assert(
    fc.property(date, (date) => {
      const time = parseRfc3339(date.toISOString())
      return time !== undefined && time.seconds * 1000 + time.nanos / 1e6 === date.getTime()
    }),
  )
})
