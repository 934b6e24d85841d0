import t from 'tap'
import { buildAutomaton } from '../../../../lib/go/regexp/automaton.ts'
import type { Cost } from '../../../../lib/go/regexp/linear.ts'
import { STEP_BUDGET, boundCost } from '../../../../lib/go/regexp/linear.ts'
import { parse } from '../../../../lib/go/regexp/parse.ts'
import { unroll } from '../../../../lib/go/regexp/unroll.ts'

function cost(pattern: string, lookbehind: readonly number[] = []): Cost {
  const result = parse(pattern)
  if ('reason' in result) throw new Error(result.reason)
  return boundCost(buildAutomaton(unroll(result.tree)!)!, lookbehind)
}

void t.test('linear patterns', (t) => {
  const patterns = [
    'foo',
    '(a+)',
    'level=(\\w+)',
    '^(\\S+) (\\S+) (.*)$',
    '^\\s+$',
    '\\b\\w+\\b',
    '(?m)^ +x',
    '^(?:[a-z]+,)*$',
    '\\d{1,3}\\.\\d{1,3}',
    '(?:\\d+x)?',
    '^(\\w+)(?:\\s+(\\S+)\\s+z)?',
  ]
  for (const pattern of patterns) t.equal(cost(pattern).limit, Infinity, pattern)
  t.end()
})

void t.test('polynomial and exponential patterns get a limit', (t) => {
  for (const pattern of ['\\d+x', '\\s+$', 'a.*b', '^a*a*b', '\\[([^\\]]+)\\]']) {
    const { limit } = cost(pattern)
    t.ok(limit > 200 && limit < 2000, `${pattern}: ${limit}`)
  }
  for (const pattern of [
    'a*a*a*a*b',
    '(\\w+\\s?){1,50}$',
    '^(a+)+$',
    '^(?:a|a?b?c?)*x+x+$',
    '^(?:a?){30}a{30}$',
  ]) {
    const { limit } = cost(pattern)
    t.ok(limit < 60, `${pattern}: ${limit}`)
  }
  t.equal(cost('\\d+x', [48, 57]).limit, Infinity, 'starts only where a run begins')
  t.end()
})

/** Counts the positions that a backtracker visits, by running one. */
function steps(kind: 'quadratic' | 'cubic', length: number): number {
  const text = 'a'.repeat(length)
  let visited = 0
  for (let start = 0; start < length; start++) {
    for (let end = length; end > start; end--) {
      visited++
      if (kind === 'cubic') for (let last = length; last > end; last--) visited++
    }
  }
  return text.length === length ? visited : 0
}

void t.test('the limit is never above the budget', (t) => {
  t.ok(steps('quadratic', cost('a+x').limit) <= STEP_BUDGET)
  t.ok(steps('cubic', cost('a+a+x').limit) <= STEP_BUDGET)
  t.end()
})
