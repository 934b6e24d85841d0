/** RFC 5424 in bytes: what is taken there is what `parseRfc5424` takes. */
import fc from 'fast-check'
import t from 'tap'
import { isRefusal } from '../../../../lib/formats/syslog/message.ts'
import { parseRfc5424 } from '../../../../lib/formats/syslog/rfc5424.ts'
import { Rfc5424Bytes } from '../../../../lib/formats/syslog/rfc5424-bytes.ts'

const reader = new Rfc5424Bytes()

/** `undefined`: left to `parseRfc5424`. */
function overBytes(text: string): { message: string | undefined; time: unknown } | undefined {
  const bytes = Buffer.from(`<1${text}> 1`)
  const to = bytes.length - 3
  if (!reader.read(bytes, 2, to)) return undefined
  const message = reader.text === to ? undefined : bytes.toString('utf8', reader.text, to)
  return { message, time: reader.time && { seconds: reader.time.seconds, nanos: reader.time.nanos } }
}

const part = (...usual: string[]): fc.Arbitrary<string> =>
  fc.oneof({ weight: 8, arbitrary: fc.constantFrom(...usual) }, fc.constantFrom('', ' ', 'é', 'x'.repeat(49)))
const message = fc
  .tuple(
    part('<13>1', '<0>1', '<191>12', '<192>1', '<01>1', '<13>0', '<13>1234', '<13>', '13>1', '<>1'),
    part('2026-01-02T03:04:05.678Z', '-', '2026-01-02T03:04:05+01:00', '2026-13-02T03:04:05Z', '--'),
    part('host', '-'),
    part('app'),
    part('1234'),
    part('ID47', '-'),
    part('-', '[a b="c"]', '-x'),
    fc.constantFrom('', ' ', '  two', ' a message', ' größer', ' \ufeffmarked'),
  )
  .map(([...parts]) => `${parts.slice(0, 7).join(' ')}${parts[7]}`)

void t.test('bytes say what the text says, or nothing', (t) => {
  t.same(overBytes('<13>1 2026-01-02T03:04:05.5Z host app 1 ID - some text'), {
    message: 'some text',
    time: { seconds: 1_767_323_045, nanos: 500_000_000 },
  })
  t.same(overBytes('<13>1 - - - - - -'), { message: undefined, time: undefined })
  t.equal(overBytes('<13>1 - - - - - [a b="c"] text'), undefined)
  fc.assert(
    fc.property(message, (text) => {
      const found = overBytes(text)
      const expected = parseRfc5424(text)
      if (found === undefined) return isRefusal(expected) || expected.structuredData !== undefined
      return (
        !isRefusal(expected) &&
        JSON.stringify(found) === JSON.stringify({ message: expected.message, time: expected.time })
      )
    }),
    { numRuns: 300 },
  )
  t.end()
})
