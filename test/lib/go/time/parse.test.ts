import { readFileSync } from 'node:fs'
import fc from 'fast-check'
import t from 'tap'
import { compileTimePrinter } from '../../../../lib/go/time/format.ts'
import { compileTimeLayout } from '../../../../lib/go/time/parse.ts'
import { readZone, utc, type Zone } from '../../../../lib/go/time/zone.ts'

interface Recorded {
  data: Record<string, string>
  parse: { layout: string; zone?: string; text: string; seconds: number | null; nanos?: number }[]
}
const recorded = JSON.parse(readFileSync('fixtures/go/time.json', 'utf8')) as Recorded

function zoneOf(name: string | undefined): Zone {
  const data = name === undefined ? undefined : recorded.data[name]
  return data === undefined ? utc : (readZone(name ?? '', Buffer.from(data, 'base64')) ?? utc)
}

void t.test("reads what Go's time.ParseInLocation reads, and refuses what it refuses", async (t) => {
  for (const { layout, zone, text, seconds, nanos = 0 } of recorded.parse) {
    const time = compileTimeLayout(layout, zoneOf(zone))(text)
    const found = time === undefined ? null : { seconds: time.seconds, nanos: time.nanos }
    t.strictSame(
      found,
      seconds === null ? null : { seconds, nanos },
      `${JSON.stringify(text)} as ${layout} in ${zone}`,
    )
  }
})

void t.test('one parser reads many texts without remembering any', async (t) => {
  const parse = compileTimeLayout('2006-01-02 3:04 PM -0700')
  t.match(parse('2026-02-03 4:05 PM +0100'), { seconds: 1770131100, nanos: 0 })
  t.equal(parse('2026-02-03 4:05'), undefined)
  t.match(parse('2026-02-03 4:05 AM +0000'), { seconds: 1770091500, nanos: 0 })
})

void t.test('reads back what is printed', async () => {
  const layout = '2006-01-02T15:04:05.999999999Z07:00'
  const print = compileTimePrinter(layout)
  const parse = compileTimeLayout(layout)
  const seconds = fc.integer({ min: -62167219200, max: 253402300799 })
  const nanos = fc.integer({ min: 0, max: 999_999_999 })
  fc.assert(
    fc.property(seconds, nanos, (seconds, nanos) => {
      const time = parse(print({ seconds, nanos }))
      return time?.seconds === seconds && time.nanos === nanos
    }),
  )
})

void t.test('never throws', async () => {
  const pieces = fc.constantFrom(
    '2006',
    '01',
    'Jan',
    '_2',
    '15',
    '05',
    '.000',
    'MST',
    '-07:00',
    ' ',
    '-',
    '+',
    '7',
    'é',
  )
  const text = fc.string({ unit: pieces, maxLength: 12 })
  const known = [true, false]
  fc.assert(
    fc.property(text, text, (layout, text) => known.includes(compileTimeLayout(layout)(text) === undefined)),
  )
})
