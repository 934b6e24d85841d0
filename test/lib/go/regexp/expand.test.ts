import t from 'tap'
import { expand, parseTemplate } from '../../../../lib/go/regexp/expand.ts'

void t.test('templates', (t) => {
  const names = [undefined, 'a', undefined, 'n', 'n']
  const groups = ['whole', 'A', 'B', undefined, 'N']
  const cases = [
    ['$0-$1-${2}', 'whole-A-B'],
    ['${a}x $ax', 'Ax '],
    ['$n $3 $4', 'N  N'],
    ['$9 ${unknown} $01', '  '],
    ['$ $$ $- ${ ${a', '$ $ $- ${ ${a'],
    ['${$1}', '${A}'],
    ['$1é', ''],
    ['plain', 'plain'],
  ] as const
  for (const [template, text] of cases)
    t.equal(expand(parseTemplate(template, names), groups), text, template)
  t.end()
})
