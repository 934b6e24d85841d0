/** Times in bytes are read as their texts are. */
import fc from 'fast-check'
import t from 'tap'
import { ByteTimes } from '../../../../lib/go/time/time-bytes.ts'

const padded = (most: number): fc.Arbitrary<string> => fc.nat(most).map((n) => String(n).padStart(2, '0'))
const rfc3339 = fc
  .tuple(
    fc.oneof(fc.integer({ min: 1960, max: 2030 }), fc.nat(9999)).map((year) => String(year).padStart(4, '0')),
    padded(13),
    padded(32),
    fc.constantFrom('T', 't', ' '),
    padded(24),
    padded(60),
    padded(61),
    fc.constantFrom('', '.', '.5', '.25', '.123456789', '.1234567891', ',5', '.000000001'),
    fc.constantFrom('Z', 'z', '', '+01:00', '-07:30', '+24:00', '+0100', '-00:60', 'Z ', ' UTC'),
  )
  .map(([year, month, day, t, hour, minute, second, fraction, zone]) =>
    [year, '-', month, '-', day, t, hour, ':', minute, ':', second, fraction, zone].join(''),
  )
const other = fc.oneof(
  fc.constantFrom('01/Jan/2026:10:20:30 +0000', '01/Jan/2026:10:20:30 +0100', '1/Feb/2026:10:20:30 -0700'),
  fc.constantFrom('Jan  5 10:20:30', 'Dec 31 23:59:59', 'Feb 29 00:00:00', '1767225600123', ''),
  fc.string({ unit: fc.constantFrom('0', '9', '-', ':', 'T', 'é', '.', 'Z'), maxLength: 26 }),
)
const formats = fc.constantFrom(
  ['RFC3339Nano'],
  ['RFC3339'],
  ['02/Jan/2006:15:04:05 -0700'],
  ['Jan _2 15:04:05'],
  ['02/Jan/2006:15:04:05 -0700', 'RFC3339', 'UnixMs'],
  ['RFC3339Nano', 'Jan _2 15:04:05'],
)

void t.test('bytes and texts have the same time, whatever was read before', (t) => {
  let now = Date.UTC(2026, 11, 31)
  fc.assert(
    fc.property(
      formats,
      fc.array(fc.oneof({ weight: 3, arbitrary: rfc3339 }, other), { maxLength: 12 }),
      (names, texts) => {
        const times = new ByteTimes(names, { now: () => (now += 86_400_000) })
        const plain = new ByteTimes(names, { now: () => (now += 86_400_000) })
        for (const text of texts.flatMap((each) => [each, each])) {
          const bytes = Buffer.from(`1${text}7`)
          const was = now
          const expected = plain.parse(text)
          now = was
          const found = times.read(bytes, 1, bytes.length - 1)
          t.same(
            found ? { seconds: times.seconds, nanos: times.nanos } : undefined,
            expected && { seconds: expected.seconds, nanos: expected.nanos },
          )
        }
        return t.passing()
      },
    ),
    { numRuns: 150 },
  )
  t.end()
})
