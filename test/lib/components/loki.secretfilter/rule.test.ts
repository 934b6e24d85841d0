/** Rules: which part of a match is the secret, and which finds are none. */
import t from 'tap'
import {
  compileRule,
  entropyOf,
  type AllowlistSource,
  type RuleSet,
  type RuleSource,
} from '../../../../lib/components/loki.secretfilter/rule.ts'
import { refusal } from '../../../support/stage-run.ts'

const rule = (more: Partial<RuleSource>): RuleSource => ({
  id: 'r',
  regex: 'key=(\\w+)',
  secretGroup: 0,
  entropy: 0,
  keywords: [],
  allowlists: [],
  ...more,
})
const list = (more: Partial<AllowlistSource>): AllowlistSource => ({
  target: 'secret',
  regexes: [],
  stopwords: [],
  all: false,
  ...more,
})

function found(source: RuleSource, line: string, set: Partial<RuleSet> = {}): string[] {
  const secrets = new Map<string, string>()
  compileRule(source, { rules: [source], allowlists: [], ...set }).find(line, secrets)
  return [...secrets.keys()]
}

void t.test('the secret of a match', (t) => {
  t.same(found(rule({}), 'key=one key=two key=one'), ['one', 'two'])
  t.same(found(rule({ regex: 'key=\\w+' }), 'key=one'), ['key=one'])
  t.same(found(rule({ regex: '(a)?key=(\\w+)' }), 'key=one'), ['one'], 'the first group with a text')
  t.same(found(rule({ regex: '(k)ey=(\\w+)', secretGroup: 2 }), 'key=one'), ['one'])
  t.same(found(rule({ regex: 'key=(\\w+)', secretGroup: 2 }), 'key=one'), [], 'the group does not exist')
  t.end()
})

void t.test('entropy must be above the limit', (t) => {
  t.equal(entropyOf('aabb'), 1)
  t.equal(entropyOf(''), 0)
  t.same(found(rule({ entropy: 1 }), 'key=aabb key=abcd'), ['abcd'])
  t.end()
})

void t.test('allowlists', (t) => {
  const line = 'key=example1 # demo'
  const finds = (more: Partial<AllowlistSource>) => found(rule({ allowlists: [list(more)] }), line).length
  t.equal(finds({}), 1, 'an empty list allows nothing')
  t.equal(finds({ regexes: ['^example'] }), 0)
  t.equal(finds({ regexes: ['^key'] }), 1, 'not the match')
  t.equal(finds({ regexes: ['^key'], target: 'match' }), 0)
  t.equal(finds({ regexes: ['demo$'], target: 'match' }), 1)
  t.equal(finds({ regexes: ['demo$'], target: 'line' }), 0)
  t.equal(finds({ stopwords: ['EXAMPLE'] }), 0)
  t.equal(finds({ stopwords: ['demo'] }), 1, 'stop words look at the secret')
  t.equal(finds({ regexes: ['^no'], stopwords: ['example'] }), 0)
  t.equal(finds({ regexes: ['^no'], stopwords: ['example'], all: true }), 1)
  t.equal(finds({ regexes: ['^ex'], stopwords: ['example'], all: true }), 0)
  t.equal(finds({ regexes: ['^ex'], all: true }), 0)
  const everywhere = { allowlists: [list({ regexes: ['example'] })] }
  t.same(found(rule({}), line, everywhere), [])
  t.same(found(rule({}), line, { allowlists: [{ ...everywhere.allowlists[0]!, rules: ['other'] }] }), [
    'example1',
  ])
  t.end()
})

void t.test('a pattern that Go does not take names its rule', (t) => {
  t.equal(
    refusal(() => found(rule({ regex: '(' }), '')),
    'BAD_REGEX',
  )
  t.throws(() => found(rule({ regex: '(?=x)' }), ''), /rule "r": /)
  t.end()
})
