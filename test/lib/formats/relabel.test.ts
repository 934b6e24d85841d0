import fc from 'fast-check'
import t from 'tap'
import { LogstreamError } from '../../../lib/errors.ts'
import {
  compileRules,
  RELABEL_ACTIONS,
  RELABEL_DEFAULTS,
  type RelabelRule,
} from '../../../lib/formats/relabel.ts'

type Labels = Record<string, string>

function rule(given: Partial<RelabelRule>): RelabelRule {
  return { ...RELABEL_DEFAULTS, ...given }
}

function run(rules: Partial<RelabelRule>[], labels: Labels, names?: 'utf8'): [string, Labels] {
  const map = new Map(Object.entries(labels))
  const verdict = compileRules(rules.map(rule), { names })(map)
  return [verdict, Object.fromEntries([...map].sort(([a], [b]) => (a < b ? -1 : 1)))]
}

void t.test('actions', async (t) => {
  const cases: [
    name: string,
    rules: Partial<RelabelRule>[],
    before: Labels,
    verdict: string,
    after: Labels,
  ][] = [
    ['replace copies', [{ source_labels: ['a'], target_label: 'b' }], { a: '1' }, 'keep', { a: '1', b: '1' }],
    [
      'replace joins',
      [{ source_labels: ['a', 'x', 'b'], target_label: 'c' }],
      { a: '1', b: '2' },
      'keep',
      { a: '1', b: '2', c: '1;;2' },
    ],
    [
      'replace with groups',
      [{ source_labels: ['a'], regex: '(\\d+)-(?P<n>.*)', target_label: 't_$1', replacement: '${n}!$2' }],
      { a: '4-x' },
      'keep',
      { a: '4-x', t_4: 'x!x' },
    ],
    [
      'no match changes nothing',
      [{ source_labels: ['a'], regex: 'y', target_label: 'b', replacement: 'z' }],
      { a: '1' },
      'keep',
      { a: '1' },
    ],
    [
      'the regex is anchored',
      [{ source_labels: ['a'], regex: 'foo', target_label: 'b', replacement: 'z' }],
      { a: 'foobar' },
      'keep',
      { a: 'foobar' },
    ],
    [
      '. matches a line feed',
      [{ source_labels: ['a'], regex: 'x.y', target_label: 'b', replacement: 'z' }],
      { a: 'x\ny' },
      'keep',
      { a: 'x\ny', b: 'z' },
    ],
    ['an empty result removes', [{ source_labels: ['none'], target_label: 'a' }], { a: '1' }, 'keep', {}],
    ['a constant without sources', [{ target_label: 'a', replacement: 'c' }], {}, 'keep', { a: 'c' }],
    [
      'a target that is not a name',
      [{ source_labels: ['a'], target_label: '$1', replacement: 'z' }],
      { a: '9-' },
      'keep',
      { a: '9-' },
    ],
    ['keep', [{ source_labels: ['a'], regex: '1|2', action: 'keep' }], { a: '2' }, 'keep', { a: '2' }],
    [
      'keep drops the rest',
      [
        { source_labels: ['a'], regex: '1', action: 'keep' },
        { target_label: 'b', replacement: 'x' },
      ],
      { a: '2' },
      'drop',
      { a: '2' },
    ],
    [
      'drop',
      [
        { target_label: 'b', replacement: 'x' },
        { source_labels: ['a'], regex: '2', action: 'drop' },
      ],
      { a: '2' },
      'drop',
      { a: '2', b: 'x' },
    ],
    [
      'hashmod, as Prometheus counts',
      [{ source_labels: ['c'], target_label: 'd', action: 'hashmod', modulus: 1000 }],
      { c: 'baz' },
      'keep',
      { c: 'baz', d: '976' },
    ],
    [
      'labelmap',
      [{ regex: '__syslog_(.+)', action: 'labelmap' }],
      { __syslog_a: '1', b: '2' },
      'keep',
      { __syslog_a: '1', a: '1', b: '2' },
    ],
    [
      'labelmap with text',
      [{ regex: '(b.*)', replacement: 'bar_${1}', action: 'labelmap' }],
      { b1: '1', c: '2' },
      'keep',
      { b1: '1', bar_b1: '1', c: '2' },
    ],
    ['labeldrop', [{ regex: 'b.*', action: 'labeldrop' }], { a: '1', b1: '2', b2: '3' }, 'keep', { a: '1' }],
    [
      'labelkeep',
      [{ regex: 'b.*', action: 'labelkeep' }],
      { a: '1', b1: '2', b2: '3' },
      'keep',
      { b1: '2', b2: '3' },
    ],
    [
      'lowercase',
      [{ source_labels: ['a'], target_label: 'a', action: 'lowercase' }],
      { a: 'Ab' },
      'keep',
      { a: 'ab' },
    ],
    [
      'uppercase',
      [{ source_labels: ['a'], target_label: 'b', action: 'uppercase' }],
      { a: 'Ab' },
      'keep',
      { a: 'Ab', b: 'AB' },
    ],
    [
      'keepequal',
      [{ source_labels: ['a'], target_label: 'b', action: 'keepequal' }],
      { a: '1', b: '1' },
      'keep',
      { a: '1', b: '1' },
    ],
    [
      'keepequal drops',
      [{ source_labels: ['a'], target_label: 'b', action: 'keepequal' }],
      { a: '1', b: '2' },
      'drop',
      { a: '1', b: '2' },
    ],
    [
      'dropequal',
      [{ source_labels: ['a'], target_label: 'b', action: 'dropequal' }],
      { a: '1', b: '1' },
      'drop',
      { a: '1', b: '1' },
    ],
  ]
  for (const [name, rules, before, verdict, after] of cases)
    t.strictSame(run(rules, before), [verdict, after], name)
  t.strictSame(
    run([{ source_labels: ['a'], target_label: '${1}', replacement: 'z' }], { a: 'x.y' }, 'utf8')[1],
    { a: 'x.y', 'x.y': 'z' },
    'names of any text where they are allowed',
  )
})

void t.test('rules that cannot work', async (t) => {
  const cases: [option: string, given: Partial<RelabelRule>][] = [
    ['modulus', { action: 'hashmod', target_label: 'a' }],
    ['target_label', { action: 'replace' }],
    ['target_label', { action: 'replace', target_label: 'a-$1' }],
    ['replacement', { action: 'labelmap', replacement: 'a b' }],
    ['replacement', { action: 'lowercase', target_label: 'a', replacement: 'x' }],
    ['source_labels', { action: 'labeldrop', source_labels: ['a'] }],
    ['separator', { action: 'keepequal', target_label: 'a', separator: ',' }],
    ['regex', { action: 'keep', regex: '(' }],
  ]
  for (const [option, given] of cases) {
    let thrown: unknown
    try {
      compileRules([rule(given)])
    } catch (error) {
      thrown = error
    }
    t.ok(thrown instanceof LogstreamError && thrown.option === option, `${given.action}: ${option}`)
  }
})

void t.test('no labels can make a rule throw, and none is left empty by it', async () => {
  const label = fc.tuple(
    fc.string({ unit: 'grapheme', maxLength: 6 }),
    fc.string({ minLength: 1, maxLength: 9 }),
  )
  fc.assert(
    fc.property(fc.array(label, { maxLength: 5 }), fc.constantFrom(...RELABEL_ACTIONS), (pairs, action) => {
      const needs = ['labeldrop', 'labelkeep'].includes(action)
        ? {}
        : { source_labels: ['a', 'b'], target_label: 'c', modulus: action === 'hashmod' ? 7 : 0 }
      const labels = new Map(pairs)
      const verdict = compileRules([rule({ action, ...needs })])(labels)
      return (verdict === 'keep' || verdict === 'drop') && [...labels.values()].every((value) => value !== '')
    }),
  )
})
