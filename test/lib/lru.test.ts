import t from 'tap'
import { Lru } from '../../lib/lru.ts'

void t.test('what was used longest ago is forgotten', (t) => {
  const lru = new Lru<string, number>(2)
  lru.set('a', 1)
  lru.set('b', 2)
  t.equal(lru.get('a'), 1)
  lru.set('c', 3)
  t.equal(lru.get('b'), undefined)
  t.equal(lru.get('a'), 1)
  lru.set('a', 4)
  t.equal(lru.get('a'), 4)
  t.equal(lru.size, 2)
  t.end()
})
