/** Dependencies first, the given order otherwise, and every cycle found. */
import fc from 'fast-check'
import t from 'tap'
import { orderNodes } from '../../../lib/alloy/graph.ts'

/** `a>b` means that a depends on b. */
function edgesOf(text: string): Map<string, Set<string>> {
  const edges = new Map<string, Set<string>>()
  for (const edge of text.split(' ').filter(Boolean)) {
    const [from = '', to = ''] = edge.split('>')
    edges.set(from, (edges.get(from) ?? new Set()).add(to))
  }
  return edges
}

void t.test('orders and cycles', async (t) => {
  const cases: [string, string, string, string[]][] = [
    ['', '', '', []],
    ['abc', '', 'abc', []],
    ['abc', 'a>b b>c', 'cba', []],
    ['abcd', 'c>a c>b', 'abcd', []],
    ['abcd', 'a>d', 'dabc', []],
    ['ab', 'a>x', 'ab', []],
    ['abc', 'b>b', 'abc', ['b']],
    ['dcba', 'a>b b>c c>a d>a', 'bcad', ['cba']],
    ['abcd', 'a>b b>a c>d d>c', 'badc', ['ab', 'cd']],
  ]
  for (const [ids, edges, order, cycles] of cases) {
    const result = orderNodes([...ids], edgesOf(edges))
    t.strictSame(
      result.cycles.map((cycle) => cycle.join('')),
      cycles,
      edges,
    )
    if (cycles.length === 0) t.equal(result.order.join(''), order, edges)
    t.strictSame(result.order.toSorted(), [...ids].toSorted())
  }
})

void t.test('a chain of any length', async (t) => {
  const ids = Array.from({ length: 50_000 }, (_, at) => `n${at}`)
  const edges = new Map(ids.slice(0, -1).map((id, at) => [id, new Set([`n${at + 1}`])]))
  t.strictSame(orderNodes(ids, edges), { order: ids.toReversed(), cycles: [] })
})

void t.test('without cycles everything follows what it needs', async () => {
  const ids = [...'abcdefgh']
  const edge = fc.tuple(fc.nat(7), fc.nat(7)).filter(([a, b]) => a < b)
  fc.assert(
    fc.property(fc.array(edge), fc.shuffledSubarray(ids, { minLength: 8 }), (pairs, shuffled) => {
      const edges = edgesOf(pairs.map(([a, b]) => `${ids[b]}>${ids[a]}`).join(' '))
      const { order, cycles } = orderNodes(shuffled, edges)
      return (
        cycles.length === 0 &&
        pairs.every(([a, b]) => order.indexOf(ids[a] ?? '') < order.indexOf(ids[b] ?? ''))
      )
    }),
  )
})
