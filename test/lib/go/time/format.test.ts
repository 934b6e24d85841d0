import { readFileSync } from 'node:fs'
import t from 'tap'
import { compileTimePrinter } from '../../../../lib/go/time/format.ts'
import { fixedZone, readZone, utc, type Zone } from '../../../../lib/go/time/zone.ts'

interface Recorded {
  data: Record<string, string>
  format: { layout: string; zone?: string; seconds: number; nanos: number; text: string }[]
}
const recorded = JSON.parse(readFileSync('fixtures/go/time.json', 'utf8')) as Recorded

function zoneOf(name: string | undefined): Zone {
  const data = name === undefined ? undefined : recorded.data[name]
  return data === undefined ? utc : (readZone(name ?? '', Buffer.from(data, 'base64')) ?? utc)
}

void t.test("prints as Go's Time.Format does", async (t) => {
  for (const { layout, zone, seconds, nanos, text } of recorded.format) {
    t.equal(compileTimePrinter(layout, zoneOf(zone))({ seconds, nanos }), text, `${layout} in ${zone}`)
  }
})

void t.test('a zone without a name shows its offset', async (t) => {
  const print = compileTimePrinter('15:04 MST Z07:00', fixedZone('', -9000))
  t.equal(print({ seconds: 0, nanos: 0 }), '21:30 -0230 -02:30')
})
