import t from 'tap'
import type { Cut } from '../../../../lib/go/regexp/cutter.ts'
import { findCut, judge } from '../../../../lib/go/regexp/cutter.ts'
import { parse } from '../../../../lib/go/regexp/parse.ts'
import { unroll } from '../../../../lib/go/regexp/unroll.ts'

function cutOf(pattern: string): Cut | undefined {
  const result = parse(pattern)
  if ('reason' in result) throw new Error(result.reason)
  return findCut(unroll(result.tree)!)
}

const delimiters = (pattern: string): string | undefined =>
  cutOf(pattern)
    ?.delimiters.map(({ unit, count }) => String.fromCharCode(unit) + count)
    .join()

void t.test('finds the delimiters', (t) => {
  t.equal(delimiters(String.raw`^(\S+)\|(\S+)\|(\d+)$`), '|2')
  t.equal(delimiters('^(.*?):(.*):(.*)$'), ':2')
  t.equal(delimiters('^(.*),(.*);(.*),(.*)$'), ',2,;1', 'both are needed')
  t.equal(delimiters(String.raw`(\S+)\|(\S+)`), undefined, 'not anchored')
  t.equal(delimiters('^(.*)(?:,(.*))?$'), undefined, 'the comma may be missing')
  t.equal(delimiters('^(.*)(.*)$'), undefined)
  t.end()
})

void t.test('judges what the strict form does not match', (t) => {
  const cut = cutOf('^(.*):(.*):x$')!
  t.equal(judge(cut, 'a:b'), 'none')
  t.equal(judge(cut, 'a:b:y'), 'none', 'as many delimiters: the strict form has decided')
  t.equal(judge(cut, 'a:b:c:x'), 'cheap')
  t.equal(judge(cut, ':'.repeat(40)), 'unknown')
  t.equal(judge(cut, `${':'.repeat(3)}${'a'.repeat(50_000)}`), 'unknown')
  t.end()
})
