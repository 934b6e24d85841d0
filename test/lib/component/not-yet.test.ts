/** A component that refuses to start. */
import t from 'tap'
import { notYet } from '../../../lib/component/not-yet.ts'
import { refusal } from '../../support/stage-run.ts'

void t.test('it has its exports, and no start', (t) => {
  const exports = new Map([['targets', []]])
  const component = notYet('loki.source.x', 'use another one', exports)
  t.equal(component.exports, exports)
  t.equal(
    refusal(() => void component.start!()),
    'BAD_CONFIG',
  )
  t.throws(() => component.start!(), { message: 'loki.source.x cannot run in this version: use another one' })
  t.end()
})
