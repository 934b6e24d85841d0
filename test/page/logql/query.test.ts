import t from 'tap'
import {
  isMistake,
  narrowed,
  searchedTexts,
  selectorOf,
  treeOf,
  volumeQuery,
  type Wanted,
} from '../../../page/logql/query.ts'
import { parseExpression } from '../../../lib/logql/syntax/parse.ts'

const label = { kind: 'label', name: 'zone', value: 'a"b', only: true } as const

void t.test('a click narrows the query', (tap) => {
  const cases: [string, Wanted, string][] = [
    ['{job="x"} |= "e"', label, '{job="x", zone="a\\"b"} |= "e"'],
    ['{job="x", zone="old"}', label, '{job="x", zone="a\\"b"}'],
    ['{job="x"}', { ...label, only: false }, '{job="x", zone!="a\\"b"}'],
    ['{zone="a"}', { ...label, only: false }, '{zone=~".+", zone!="a\\"b"}'],
    ['{job="x"}', { ...label, kind: 'field' }, '{job="x"} | zone="a\\"b"'],
    ['{job="x"}', { ...label, kind: 'json' }, '{job="x"} | json | zone="a\\"b"'],
    ['{job="x"} | json', { ...label, kind: 'json' }, '{job="x"} | json | zone="a\\"b"'],
    ['{job="x"}', { ...label, kind: 'logfmt', only: false }, '{job="x"} | logfmt | zone!="a\\"b"'],
  ]
  for (const [query, wanted, expected] of cases) {
    const found = narrowed(query, wanted)
    tap.equal(found, expected)
    tap.doesNotThrow(() => parseExpression(found), 'the store runs it')
  }
  tap.equal(narrowed('rate({a="b"}[1m])', label), 'rate({a="b"}[1m])', 'a metric is left alone')
  tap.end()
})

void t.test('what else is read off a query', (tap) => {
  tap.same(searchedTexts('{a="b"} |= "one" or "two" != "three" |~ "four" | json | c="d"'), ['one', 'two'])
  tap.equal(selectorOf({ job: 'x', zone: 'a"\\' }), '{job="x", zone="a\\"\\\\"}')
  tap.doesNotThrow(() => parseExpression(volumeQuery('{a="b"} | json', 'level', 5)))
  const tree = treeOf('{a="b"} | jsom x')
  tap.match(tree, { message: /unexpected/ })
  tap.ok(isMistake(tree))
  tap.end()
})
