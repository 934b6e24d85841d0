/** Bytes as text: nothing is lost, cuts are Go's, and the order is that of bytes. */
import { Buffer } from 'node:buffer'
import fc from 'fast-check'
import t from 'tap'
import {
  byteLength,
  byteSlice,
  fromBytes,
  rejoined,
  toBytes,
  wellFormed,
} from '../../../../lib/go/strings/bytes.ts'

const anyText = fc.string({ unit: 'grapheme' })

void t.test('bytes survive the way through a text', async (t) => {
  fc.assert(fc.property(fc.uint8Array(), (bytes) => Buffer.compare(toBytes(fromBytes(bytes)), bytes) === 0))
  t.pass()
})

void t.test('a text that is cut anywhere can be joined again', async (t) => {
  fc.assert(
    fc.property(anyText, fc.nat(30), (text, at) => {
      const cut = Math.min(at, byteLength(text))
      const halves = [byteSlice(text, 0, cut) ?? '', byteSlice(text, cut, byteLength(text)) ?? '']
      return rejoined(halves.join('')) === text && byteLength(halves[0] ?? '') === cut
    }),
  )
  t.equal(byteSlice('é', 1, 4), undefined, 'beyond the end')
  t.equal(byteSlice('é', 2, 1), undefined, 'end before start')
})

void t.test('each byte that is not UTF-8 is one U+FFFD', async (t) => {
  t.equal(wellFormed(byteSlice('a日b', 0, 3) ?? ''), 'a\ufffd\ufffd')
  t.equal(wellFormed(fromBytes(Uint8Array.of(0xff, 0x41, 0xc3))), '\ufffdA\ufffd')
  t.equal(wellFormed('\ud800x'), '\ufffdx', 'half of a surrogate pair')
})
