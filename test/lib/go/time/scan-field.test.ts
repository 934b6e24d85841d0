import t from 'tap'
import { parseLayout } from '../../../../lib/go/time/layout.ts'
import { compileField, type Scan, skipLiteral } from '../../../../lib/go/time/scan-field.ts'

function scanOf(text: string): Scan {
  const clock = { hour: 0, minute: 0, second: 0, nanos: 0, afternoon: false, morning: false }
  return {
    text,
    at: 0,
    year: 0,
    month: -1,
    day: -1,
    yearDay: -1,
    ...clock,
    zulu: false,
    offset: -1,
    zoneName: '',
  }
}

/** Where the reading of a layout's only field ends, or false where it fails. */
function read(layout: string, text: string, beforeFraction = false): number | false {
  const [field] = parseLayout(layout).fields
  const scan = scanOf(text)
  return field !== undefined && compileField(field, beforeFraction)(scan) && scan.at
}

void t.test('each kind of field takes its text and no more', async (t) => {
  t.equal(read('January', 'february2'), 8)
  t.equal(read('2', '123'), 2)
  t.equal(read('02', '1'), false)
  t.equal(read('002', '0012'), 3)
  t.equal(read('15', '24'), false)
  t.equal(read('05', '07.25x'), 5)
  t.equal(read('05', '07.25x', true), 2)
  t.equal(read('MST', 'GMT+3:'), 5)
  t.equal(read('MST', 'PSTX'), false)
  t.equal(read('Z07:00', '+01:30x'), 6)
  t.equal(read('.000', ',12'), false)
  t.equal(read('.999', 'x'), 0)
  t.equal(read('PM', 'am'), false)
})

void t.test('runs of blanks are equal', async (t) => {
  const scan = scanOf('a   b')
  t.ok(skipLiteral(scan, 'a b'))
  t.equal(scan.at, 5)
  t.notOk(skipLiteral(scanOf('ab'), 'a b'))
  t.ok(skipLiteral(scanOf('a'), 'a '))
})
