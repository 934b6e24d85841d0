import fc from 'fast-check'
import t from 'tap'
import { ANCHOR_BYTES, anchorOf, headHash } from '../../../../lib/components/loki.source.file/fingerprint.ts'

void t.test('an anchor depends on the last 64 bytes before the place, and on nothing else', async (t) => {
  t.equal(anchorOf(new Uint8Array(9), 0), 0)
  // FNV-1a of "foobar", from the authors' test vectors.
  t.equal(anchorOf(Buffer.from('foobar'), 6), 0xbf9cf968)
  const bytes = fc.uint8Array({ minLength: ANCHOR_BYTES, maxLength: ANCHOR_BYTES })
  fc.assert(
    fc.property(bytes, fc.uint8Array(), fc.uint8Array(), (last, before, after) => {
      const whole = Buffer.concat([before, last, after])
      return anchorOf(whole, before.length + last.length) === anchorOf(last, last.length)
    }),
  )
})

void t.test('a head is 16 hex digits of SHA-256', async (t) => {
  t.equal(headHash(new Uint8Array(0)), 'e3b0c44298fc1c14')
})
