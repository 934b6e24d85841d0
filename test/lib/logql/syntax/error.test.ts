import t from 'tap'
import { LogqlError, parseErrorText } from '../../../../lib/logql/syntax/error.ts'

void t.test('the text has line and column', (tap) => {
  const query = '{a="b"}\n  | bad'
  tap.equal(parseErrorText(query, new LogqlError('no', { offset: 12 })), 'parse error at line 2, col 5: no')
  tap.equal(parseErrorText(query, new LogqlError('no', { offset: 0 })), 'parse error at line 1, col 1: no')
  tap.equal(parseErrorText(query, new LogqlError('no')), 'parse error : no')
  tap.equal(new LogqlError('no').status, 400)
  tap.equal(new LogqlError('no', { status: 500 }).status, 500)
  tap.equal(new LogqlError('no').code, 'BAD_INPUT')
  tap.end()
})
