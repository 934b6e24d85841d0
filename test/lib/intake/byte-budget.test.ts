import t from 'tap'
import { ByteBudget } from '../../../lib/intake/byte-budget.ts'

void t.test('all requests together', (t) => {
  const budget = new ByteBudget(10)
  t.ok(budget.take(20), 'one is always let in')
  t.notOk(budget.take(1))
  budget.give(20)
  t.ok(budget.take(6))
  t.ok(budget.take(4))
  t.notOk(budget.take(1))
  t.end()
})
