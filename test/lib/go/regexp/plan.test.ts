import t from 'tap'
import { parse } from '../../../../lib/go/regexp/parse.ts'
import type { Plan } from '../../../../lib/go/regexp/plan.ts'
import { planOf } from '../../../../lib/go/regexp/plan.ts'

function plan(pattern: string): Plan | undefined {
  const result = parse(pattern)
  if ('reason' in result) throw new Error(result.reason)
  return planOf(result)
}

void t.test('plans', (t) => {
  const simple = plan('a(b)')
  t.equal(simple?.limit(), Infinity)
  t.equal(simple?.search, simple?.plain)
  const guarded = plan('(\\d+)-x')
  t.equal(guarded?.limit(), Infinity)
  t.equal(guarded?.search.source, '(?<![0-9])(?:([0-9]+)\\-x)')
  const limited = plan('a.*b')
  t.ok(limited!.limit() > 48 && limited!.limit() < 5000)
  const cut = plan('^(.*),(.*),(.*)$')
  t.equal(cut?.strict?.source, '^([^\\u000a,]*),([^\\u000a,]*),([^\\u000a,]*)$')
  for (const pattern of ['(a+)+$', '(a*)*', '(?:(a)|b)+', `(?:${'ab'.repeat(10)}){1000}`]) {
    t.equal(plan(pattern), undefined, pattern)
  }
  t.end()
})
