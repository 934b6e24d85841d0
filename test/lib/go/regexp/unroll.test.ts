import t from 'tap'
import { parse } from '../../../../lib/go/regexp/parse.ts'
import { toRe2 } from '../../../../lib/go/regexp/translate.ts'
import { unroll } from '../../../../lib/go/regexp/unroll.ts'

function unrolled(pattern: string): string | undefined {
  const result = parse(pattern)
  if ('reason' in result) throw new Error(result.reason)
  const tree = unroll(result.tree)
  return tree && toRe2(tree).replaceAll('\\x{31}', '1').replaceAll('(?:1)', '1')
}

void t.test('counts become copies', (t) => {
  const cases = [
    ['1{3}', '111'],
    ['1{2,4}', '11(?:11?)?'],
    ['1{0,2}?', '(?:11??)??'],
    ['1{2,}', '11+'],
    ['1{0,}?', '1*?'],
    ['1{0}', '(?:)'],
    ['(?:1{2}){2}', '1111'],
  ] as const
  for (const [pattern, copies] of cases) {
    t.equal(unrolled(pattern), copies, pattern)
  }
  t.equal(unrolled('(?:.{100}){10}')?.length, unrolled('.{1000}')?.length)
  t.equal(unrolled(`(?:${'ab'.repeat(10)}){1000}`), undefined, 'too large')
  t.end()
})
