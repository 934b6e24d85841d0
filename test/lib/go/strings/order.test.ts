import fc from 'fast-check'
import t from 'tap'
import { compareText } from '../../../../lib/go/strings/order.ts'

void t.test('texts are ordered by their UTF-8 bytes', async (t) => {
  t.ok(compareText('ﬁ', '🚀') < 0)
  t.ok(compareText('a', 'ab') < 0)
  const text = fc.string({
    unit: fc.constantFrom('a', 'é', '\ud7ff', '\ue000', '\uffff', '🚀', '\u{10ffff}'),
  })
  fc.assert(
    fc.property(text, text, (a, b) => {
      t.equal(Math.sign(compareText(a, b)), Buffer.compare(Buffer.from(a), Buffer.from(b)))
    }),
  )
})
