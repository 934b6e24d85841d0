import t from 'tap'
import { compileLineFilter } from '../../../../lib/logql/stages/filter.ts'
import { runLine } from '../../../support/logql-lines.ts'

void t.test('line filters', (tap) => {
  for (const [stages, line, passes] of [
    ['|= "b"', 'abc', true],
    ['|= "B"', 'abc', false],
    ['|= ""', '', true],
    ['!= ""', 'abc', false],
    ['!= "x"', 'abc', true],
    ['|= "x" or "y" or "c"', 'abc', true],
    ['!= "x" or "b"', 'abc', false],
    ['!= "x" or "y"', 'abc', true],
    ['|~ "^a.c$"', 'abc', true],
    ['|~ "a.c"', 'a\nc', false],
    ['|~ "(?s)a.c"', 'a\nc', true],
    ['!~ "b|x"', 'abc', false],
    ['|> "<_>b<_>"', 'abc', true],
    ['!> "<_>b<_>"', 'abc', false],
    ['|= ip("10.0.0.0/8")', 'from 10.1.2.3 on', true],
    ['!= ip("10.0.0.0/8")', 'from 10.1.2.3 on', false],
    ['|= "zz" or ip("10.1.2.3")', 'from 10.1.2.3 on', true],
    ['|= "a" != "x" |~ "c"', 'abc', true],
    ['|= "a" != "x" |~ "d"', 'abc', false],
  ] as const)
    tap.equal(runLine(stages, line) !== false, passes, `${stages} ${JSON.stringify(line)}`)
  tap.end()
})

void t.test('what cannot be compiled', (tap) => {
  tap.throws(() => compileLineFilter({ operator: '|~', operands: [{ ip: true, text: '10.0.0.1' }] }, 3), {
    message: /only \|= and != take ip/,
    offset: 3,
  })
  tap.ok(compileLineFilter({ operator: '|=', operands: [] })('x'), 'no operand lets all pass')
  tap.end()
})

void t.test('a hostile expression takes linear time', (tap) => {
  tap.equal(runLine('|~ "(a*)*b"', 'a'.repeat(50_000)), false)
  tap.end()
})
