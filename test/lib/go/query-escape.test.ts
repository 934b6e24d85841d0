import t from 'tap'
import { queryEscape } from '../../../lib/go/query-escape.ts'

void t.test('spaces are plus signs, other letters bytes', (tap) => {
  tap.equal(queryEscape('a-b_c.d~0'), 'a-b_c.d~0')
  tap.equal(queryEscape("a b+c&d='é!*()"), 'a+b%2Bc%26d%3D%27%C3%A9%21%2A%28%29')
  tap.end()
})
