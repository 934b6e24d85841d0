import fc from 'fast-check'
import t from 'tap'
import { cutBytes, longerThan } from '../../../../lib/go/strings/bytes.ts'

void t.test('lengths are those in bytes', (t) => {
  fc.assert(
    fc.property(fc.string({ unit: 'grapheme' }), fc.integer({ min: -1, max: 40 }), (text, limit) => {
      return longerThan(text, limit) === Buffer.byteLength(text) > limit
    }),
  )
  t.end()
})

void t.test('a cut keeps whole characters as they are', (t) => {
  t.equal(cutBytes('abc', 3), 'abc')
  t.equal(cutBytes('abc', 2), 'ab')
  t.equal(cutBytes('äö', 2), 'ä')
  t.equal(cutBytes('äö', 3), 'ä\ufffd')
  t.equal(cutBytes('日本', 5), '日\ufffd\ufffd')
  t.equal(cutBytes('日\udce6\udc9c', 4), '日\ufffd')
  t.notOk(longerThan('日\udce6\udc9c', 5))
  t.equal(cutBytes('a', 0), '')
  t.end()
})
