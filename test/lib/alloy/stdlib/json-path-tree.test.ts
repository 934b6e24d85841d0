import t from 'tap'
import { operators } from '../../../../lib/alloy/stdlib/json-path-tree.ts'

void t.test('no operator hides a longer one: the parser takes the first that fits', (tap) => {
  const hidden = operators.filter((operator, at) =>
    operators.slice(0, at).some((earlier) => operator.startsWith(earlier)),
  )
  tap.same(hidden, [])
  tap.end()
})
