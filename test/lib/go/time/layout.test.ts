import fc from 'fast-check'
import t from 'tap'
import { parseLayout } from '../../../../lib/go/time/layout.ts'

/** The kinds with the literal text between them. */
function outline(layout: string): string[] {
  const { fields, tail } = parseLayout(layout)
  return [...fields.flatMap(({ prefix, kind }) => [prefix, kind]), tail].filter((part) => part !== '')
}

void t.test('fields and literal text', async (t) => {
  t.strictSame(outline('2006-01-02T15:04:05Z07:00'), [
    '2006',
    '-',
    '01',
    '-',
    '02',
    'T',
    '15',
    ':',
    '04',
    ':',
    '05',
    'offset',
  ])
  t.strictSame(outline('Month January Janet Monkey'), ['Month ', 'January', ' Janet Monkey'])
  t.strictSame(outline('_2 _2006 __2 002'), ['_2', ' _', '2006', ' ', '__2', ' ', '002'])
  t.strictSame(outline('at noon'), ['at noon'])
  t.strictSame(outline(''), [])
})

void t.test('fractions end where another digit follows', async (t) => {
  t.match(parseLayout('05.000').fields[1], { kind: 'fraction0', digits: 3, separator: '.' })
  t.match(parseLayout('05,99').fields[1], { kind: 'fraction9', digits: 2, separator: ',' })
  t.strictSame(outline('.0001'), ['.00', '01'])
})

void t.test('offsets', async (t) => {
  t.match(parseLayout('-07').fields, [{ kind: 'offset', offset: { zulu: false, colons: false, parts: 1 } }])
  t.match(parseLayout('Z07:00:00').fields, [
    { kind: 'offset', offset: { zulu: true, colons: true, parts: 3 } },
  ])
  t.strictSame(outline('Z0'), ['Z0'])
})

void t.test('never throws', async () => {
  fc.assert(fc.property(fc.string(), (layout) => Array.isArray(parseLayout(layout).fields)))
})
