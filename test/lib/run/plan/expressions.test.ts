import t from 'tap'
import { parseFile } from '../../../../lib/alloy/parser.ts'
import { expressionsIn } from '../../../../lib/run/plan/expressions.ts'

void t.test('every expression of a body, in order', (tap) => {
  const text = 'a = x\nb {\n  c = y.z\n  d {\n    e = [1]\n  }\n}\nf = 2'
  const { file } = parseFile({ name: 'test', text })
  tap.same(
    expressionsIn(file.body).map(({ range }) => text.slice(range.start, range.end)),
    ['x', 'y.z', '[1]', '2'],
  )
  tap.same(expressionsIn([]), [])
  tap.end()
})
