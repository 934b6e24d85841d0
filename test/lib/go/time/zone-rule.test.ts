import t from 'tap'
import { clockByRule, parseZoneRule } from '../../../../lib/go/time/zone-rule.ts'

function offsetsOf(rule: string, days: string[]): (number | undefined)[] {
  const parsed = parseZoneRule(rule)
  return days.map((day) => parsed && clockByRule(parsed, Date.parse(day) / 1000).offset)
}

void t.test('rules with and without summer time', async (t) => {
  t.strictSame(offsetsOf('<+0530>-5:30', ['2050-01-01T00:00:00Z']), [19800])
  const european = 'CET-1CEST,M3.5.0,M10.5.0/3'
  const spring = [
    '2050-03-27T00:59:59Z',
    '2050-03-27T01:00:00Z',
    '2050-10-30T00:59:59Z',
    '2050-10-30T01:00:00Z',
  ]
  t.strictSame(offsetsOf(european, spring), [3600, 7200, 7200, 3600])
  t.strictSame(offsetsOf('EST5EDT', ['2050-03-13T07:00:00Z', '2050-11-06T06:00:00Z']), [-14400, -18000])
})

void t.test('south of the equator summer spans New Year', async (t) => {
  const days = ['2050-01-01T00:00:00Z', '2050-07-01T00:00:00Z', '2050-12-01T00:00:00Z']
  t.strictSame(offsetsOf('AEST-10AEDT,M10.1.0,M4.1.0/3', days), [39600, 36000, 39600])
})

void t.test('days of the year, with and without leap days', async (t) => {
  const days = ['2048-02-29T12:00:00Z', '2048-03-01T12:00:00Z', '2049-03-01T12:00:00Z']
  t.strictSame(offsetsOf('AAA0BBB,J60/0,J300/0', days), [0, 3600, 3600])
  t.strictSame(offsetsOf('AAA0BBB,59/0,300/0', days), [3600, 3600, 3600])
})

void t.test('anything else is refused', async (t) => {
  for (const text of ['', 'A1', 'CET', 'CET-1CEST,', 'CET-1CEST,M3.5.0', '<CET-1']) {
    t.equal(parseZoneRule(text), undefined, text)
  }
})
