import t from 'tap'
import { DELIVERED, SPOOLED, deadLettered, dropped, worse } from '../../../lib/flow/outcome.ts'

void t.test('equal reasons give one object', (tap) => {
  tap.equal(dropped('a'), dropped('a'))
  tap.not(dropped('a'), dropped('b'))
  tap.equal(deadLettered('a'), deadLettered('a'))
  tap.not(deadLettered('a'), dropped('a'))
  tap.match(dropped('a'), { state: 'dropped', reason: 'a' })
  tap.match(deadLettered('b'), { state: 'dead_lettered', reason: 'b' })
  tap.end()
})

void t.test('dead-lettered is worse than dropped, spooled and delivered, in this order', (tap) => {
  const order = [DELIVERED, SPOOLED, dropped('x'), deadLettered('y')]
  for (const [i, a] of order.entries())
    for (const [j, b] of order.entries()) tap.equal(worse(a, b), order[Math.max(i, j)])
  tap.equal(worse(dropped('first'), dropped('second')), dropped('first'), 'of two equally bad the first')
  tap.end()
})
