import t from 'tap'
import { lineColumn, templateError } from '../../../../lib/go/template/position.ts'

void t.test('line and column from 1', (tap) => {
  const source = 'ab\n\ncd'
  tap.same(
    [0, 2, 3, 4, 5, 6].map((at) => lineColumn(source, at)),
    ['1:1', '1:3', '2:1', '3:1', '3:2', '3:3'],
  )
  const cause = new Error('why')
  tap.match(templateError(source, 5, 'no such thing', cause), {
    code: 'BAD_TEMPLATE',
    message: 'template 3:2: no such thing',
    cause,
  })
  tap.end()
})
