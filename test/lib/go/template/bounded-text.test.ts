import t from 'tap'
import { boundedRepeat, boundedReplace, boundedSplit } from '../../../../lib/go/template/bounded-text.ts'

void t.test('repeating', (tap) => {
  tap.same([boundedRepeat('ab', 3), boundedRepeat('ab', 0), boundedRepeat('', 1e12)], ['ababab', '', ''])
  tap.throws(() => boundedRepeat('a', -1), { code: 'BAD_TEMPLATE', message: /negative Repeat count/ })
  tap.throws(() => boundedRepeat('a', 1e9), { code: 'BAD_TEMPLATE', message: /text of more than/ })
  tap.end()
})

void t.test('replacing and splitting', (tap) => {
  tap.equal(boundedReplace('axbx', 'x', '-', 1), 'a-bx')
  const long = 'x'.repeat(1000)
  tap.throws(() => boundedReplace(long, 'x', 'y'.repeat(5000), -1), { message: /text of more than/ })
  tap.same(boundedSplit('a,b,c', ',', 2), ['a', 'b,c'])
  tap.throws(() => boundedSplit(','.repeat(1_000_000), ',', -1), { message: /list of more than/ })
  tap.end()
})
