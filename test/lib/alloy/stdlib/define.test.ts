import t from 'tap'
import { toInt, toStringValue } from '../../../../lib/alloy/convert.ts'
import { any, define, defineVariadic } from '../../../../lib/alloy/stdlib/define.ts'

void t.test('functions count and convert their arguments', async (t) => {
  const repeat = define<[string, number]>('repeat', [toStringValue, toInt], (text, count) =>
    text.repeat(count),
  )
  t.equal(repeat.call(['ab', '2']), 'abab')
  t.equal(repeat.call([5n, 2.9]), '55')
  t.throws(() => repeat.call(['a', true]), { path: [1], message: 'expected number, found bool' })
  t.throws(() => repeat.call(['a']), /repeat takes 2 arguments, found 1/)
  t.throws(() => repeat.call(['a', 1n, 1n]), /repeat takes 2 arguments, found 3/)
  const count = defineVariadic('count', any, (args) => BigInt(args.length))
  t.equal(count.call([]), 0n)
  t.equal(count.call([null, 1n]), 2n)
})
