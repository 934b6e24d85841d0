import fc from 'fast-check'
import t from 'tap'
import { formatRfc5424, isRefusal } from '../../../../lib/formats/syslog/message.ts'
import { parseRfc5424 } from '../../../../lib/formats/syslog/rfc5424.ts'
import { asRecorded, recorded } from './recorded.ts'

void t.test('reads and refuses what go-syslog does', async (t) => {
  for (const { text, message } of recorded.rfc5424)
    t.strictSame(asRecorded(parseRfc5424(text)), message, JSON.stringify(text))
})

void t.test('a refusal says what was expected, and where', async (t) => {
  t.strictSame(parseRfc5424('<13>Oct 11 22:14:15 host su: hi'), {
    expected: 'a version from 1 to 999 after the priority (is this RFC 3164?)',
    at: 4,
  })
  t.strictSame(parseRfc5424('<13>1 - h a p m [x a="1]"]'), {
    expected: '"]" to be written as "\\]" in a value',
    at: 23,
  })
})

void t.test('takes times finer than a microsecond, which go-syslog does not', async (t) => {
  const read = parseRfc5424('<13>1 2024-01-02T03:04:05.123456789+00:00 h a p m - x')
  t.ok(!isRefusal(read) && read.time?.nanos === 123_456_789)
  t.ok(!isRefusal(read) && formatRfc5424(read).includes(' 2024-01-02T03:04:05.123456Z '))
})

const name = fc.string({ unit: fc.constantFrom(...'aZ09._-@/'), minLength: 1, maxLength: 32 })
const value = fc.string({ unit: fc.constantFrom(...'ab"\\] =ü\n'), maxLength: 12 })

void t.test('reads back what it prints', async () => {
  const data = fc.uniqueArray(
    fc.tuple(name, fc.uniqueArray(fc.tuple(name, value), { selector: ([n]) => n })),
    {
      minLength: 1,
      selector: ([id]) => id,
    },
  )
  fc.assert(
    fc.property(fc.integer({ min: 0, max: 191 }), data, name, value, (priority, elements, hostname, body) => {
      const structuredData = new Map(elements.map(([id, params]) => [id, new Map(params)]))
      const message = body === '' ? undefined : body
      const printed = formatRfc5424({ priority, version: 1, hostname, structuredData, message })
      const read = parseRfc5424(printed)
      return !isRefusal(read) && formatRfc5424(read) === printed && read.message === message
    }),
  )
})

void t.test('never throws, and takes linear time', async (t) => {
  const pieces = fc.constantFrom(
    '<13>1 ',
    '- ',
    '[a',
    ' b="c"',
    ']',
    '\\',
    '"',
    ' ',
    '2024-01-01T00:00:00Z ',
    'x',
    '\0',
  )
  fc.assert(
    fc.property(
      fc.oneof(
        fc.string(),
        fc.array(pieces).map((all) => all.join('')),
      ),
      (text) => {
        const read = parseRfc5424(text)
        return !isRefusal(read) || (read.at >= 0 && read.at <= text.length)
      },
    ),
  )
  const hostile = [
    '<13>1 - h a p m ' + '[',
    '<13>1 - h a p m [x' + ' a="\\\\"'.repeat(200_000),
    '<' + '1'.repeat(1e6),
  ]
  for (const text of hostile) t.ok(isRefusal(parseRfc5424(text)))
})
