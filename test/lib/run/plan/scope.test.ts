import t from 'tap'
import { NameTree } from '../../../../lib/run/plan/scope.ts'

void t.test('dotted names become nested objects', (tap) => {
  const tree = new NameTree()
  tree.set(['a', 'b', 'c'], 1n)
  tree.set(['a', 'b', 'd'], 'x')
  tree.set(['e'], true)
  tap.same(
    tree.values,
    new Map<string, unknown>([
      [
        'a',
        new Map([
          [
            'b',
            new Map<string, unknown>([
              ['c', 1n],
              ['d', 'x'],
            ]),
          ],
        ]),
      ],
      ['e', true],
    ]),
  )
  tree.set(['e', 'f'], 2n)
  tap.same(tree.values.get('e'), new Map([['f', 2n]]), 'anything but an object is replaced by one')
  tap.end()
})

void t.test('open makes an object where there is none and keeps the one there is', (tap) => {
  const tree = new NameTree()
  tree.open(['a', 'b'])
  tap.same(tree.values, new Map([['a', new Map([['b', new Map()]])]]))
  tree.set(['a', 'b', 'c'], 1n)
  tree.open(['a', 'b'])
  tap.same(tree.values, new Map([['a', new Map([['b', new Map([['c', 1n]])]])]]))
  tap.end()
})
