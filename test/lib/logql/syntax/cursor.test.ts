import t from 'tap'
import {
  countOperator,
  cursorOver,
  expectKind,
  expectMark,
  isKeyword,
  isMark,
  lastEnd,
  listOf,
  nested,
  next,
  peek,
  takeKeyword,
  takeMark,
  unexpected,
} from '../../../../lib/logql/syntax/cursor.ts'

void t.test('walks over tokens', (tap) => {
  const cursor = cursorOver('by (a, b) json')
  tap.ok(isKeyword(peek(cursor), 'by'))
  tap.notOk(takeKeyword(cursor, 'without'))
  tap.ok(takeKeyword(cursor, 'by'))
  expectMark(cursor, '(')
  tap.same(
    listOf(cursor, () => expectKind(cursor, 'name', 'a name').text),
    ['a', 'b'],
  )
  tap.ok(isMark(peek(cursor), ')'))
  tap.ok(takeMark(cursor, ')'))
  tap.equal(lastEnd(cursor), 9)
  tap.equal(peek(cursor, 5).kind, 'end')
  tap.equal(next(cursor).text, 'json')
  tap.equal(next(cursor).kind, 'end')
  tap.equal(next(cursor).kind, 'end', 'the end stays')
  tap.end()
})

void t.test('says what was found and what was expected', (tap) => {
  const cursor = cursorOver('x')
  tap.throws(() => expectMark(cursor, '('), { message: /unexpected name "x", expected "\("/, offset: 0 })
  tap.throws(() => expectKind(cursor, 'string', 'a text'), /expected a text/)
  tap.match(unexpected(peek(cursor, 1), 'more').message, /unexpected end of the query, expected more/)
  tap.match(unexpected(cursorOver('[5m]').tokens[0]!, 'more').message, /\[5m\]/)
  tap.end()
})

void t.test('keeps away from the end of the stack', (tap) => {
  const cursor = cursorOver('x')
  const deeper = (): never => nested(cursor, deeper)
  tap.throws(deeper, /levels deep/)
  tap.throws(() => {
    for (;;) countOperator(cursor)
  }, /operators/)
  tap.throws(() => cursorOver('x'.repeat(200_000)), /too long/)
  tap.end()
})
