import fc from 'fast-check'
import t from 'tap'
import { align } from '../../../lib/pipeline-test/align.ts'

const pairs = (want: string, got: string): string[] =>
  align([...want], [...got], (a, b) => a === b).map(
    (pair) => `${want[pair.want ?? -1] ?? '.'}${got[pair.got ?? -1] ?? '.'}`,
  )

void t.test('equal ones stay together', (tap) => {
  tap.same(pairs('abc', 'abc'), ['aa', 'bb', 'cc'])
  tap.same(pairs('abc', 'bc'), ['a.', 'bb', 'cc'])
  tap.same(pairs('bc', 'abc'), ['.a', 'bb', 'cc'])
  tap.same(pairs('abc', 'axc'), ['aa', 'bx', 'cc'], 'changed')
  tap.same(pairs('abbc', 'axc'), ['aa', 'bx', 'b.', 'cc'])
  tap.same(pairs('', 'ab'), ['.a', '.b'])
  tap.same(pairs('', ''), [])
  tap.end()
})

void t.test('every item of both lists is there once and in order', (tap) => {
  const list = fc.array(fc.constantFrom('a', 'b', 'c'))
  fc.assert(
    fc.property(list, list, (want, got) => {
      const found = align(want, got, (a, b) => a === b)
      const side = (name: 'want' | 'got'): number[] =>
        found.flatMap((pair) => (pair[name] === undefined ? [] : [pair[name]]))
      tap.same(side('want'), [...want.keys()])
      tap.same(side('got'), [...got.keys()])
    }),
    { numRuns: 50 },
  )
  tap.end()
})

void t.test('very long lists are paired by place', (tap) => {
  const long = Array.from({ length: 2100 }, (_, i) => i)
  const found = align(long, [-1, ...long], (a, b) => a === b)
  tap.same(found[0], { want: 0, got: 0 })
  tap.same(found.at(-1), { want: undefined, got: 2100 })
  tap.end()
})
