/** Which names an expression looks up. */
import t from 'tap'
import { parseExpression } from '../../../lib/alloy/parser.ts'
import { references } from '../../../lib/alloy/references.ts'

void t.test('maximal dotted chains, in the order of the text', async (t) => {
  const cases: [string, string[]][] = [
    ['1 + "a"', []],
    ['a', ['a']],
    ['a.b.c', ['a.b.c']],
    ['sys.env("X")', ['sys.env']],
    ['coalesce(a.b, c)', ['coalesce', 'a.b', 'c']],
    ['a.b[c.d].e.f', ['a.b', 'c.d']],
    ['f(x).y.z', ['f', 'x']],
    ['[a, {k = b.c}, -d.e, !(f)]', ['a', 'b.c', 'd.e', 'f']],
    ['a.b + c.d * e', ['a.b', 'c.d', 'e']],
    ['"x".y', []],
  ]
  for (const [text, expected] of cases) {
    const found = references(parseExpression({ name: 'x', text }).expression)
    t.strictSame(
      found.map((reference) => reference.path.join('.')),
      expected,
      text,
    )
    t.strictSame(
      found.map(({ range }) => text.slice(range.start, range.end)),
      expected,
      'ranges are those of the chains',
    )
  }
})
