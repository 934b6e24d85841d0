import fc from 'fast-check'
import t from 'tap'
import { drainMessages } from '../../../../lib/components/loki.source.heroku/frames.ts'

const frame = (message: string): string => `${Buffer.byteLength(message)} ${message}`

void t.test('any messages come out as they went in', (tap) => {
  fc.assert(
    fc.property(fc.array(fc.string({ unit: 'grapheme' })), (messages) => {
      const body = messages.map((text) => frame(`<13>1 2024-02-03T04:05:06.7+00:00 h a p - ${text}`)).join('')
      const found = [...drainMessages(Buffer.from(body))]
      const time = { seconds: 1_706_933_106, nanos: 700_000_000 }
      tap.strictSame(
        found,
        messages.map((text) => ({ time, host: 'h', app: 'a', process: 'p', id: '-', text })),
      )
    }),
    { numRuns: 50 },
  )
  tap.end()
})

void t.test('any bytes end, without an exception, and at most one fault ends them', (tap) => {
  const piece = fc.oneof(
    fc.uint8Array(),
    fc.constantFrom('5 ', '0 ', '12 <1>1 ', '99999999999 ').map((text) => Buffer.from(text)),
  )
  fc.assert(
    fc.property(fc.array(piece), (pieces) => {
      const found = [...drainMessages(Buffer.concat(pieces))]
      const last = found.findIndex((each) => each === 'unframed' || each === 'truncated')
      return last === -1 || last === found.length - 1
    }),
  )
  tap.end()
})
