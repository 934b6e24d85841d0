/** Rules over targets. */
import t from 'tap'
import type { Value } from '../../../../lib/alloy/value.ts'
import { discoveryRelabel } from '../../../../lib/components/discovery.relabel/discovery-relabel.ts'
import { ComponentBench } from '../../../support/component-run.ts'
import { refusal } from '../../../support/stage-run.ts'

const plain = (value: Value | undefined): unknown =>
  (value as ReadonlyMap<string, string>[]).map((target) => Object.fromEntries(target))

void t.test('targets are changed or left out', (t) => {
  const bench = new ComponentBench()
  const { exports } = bench.create(discoveryRelabel, {
    targets: [
      { __path__: '/var/log/a.log', team: 'x', empty: '' },
      { __path__: '/var/log/b.log', team: 'y' },
    ],
    rule: [
      { source_labels: ['team'], regex: 'x', action: 'keep' },
      { source_labels: ['__path__'], regex: '.*/(.+)[.]log', target_label: 'app_${1}', replacement: '$1' },
    ],
  })
  t.same(plain(exports!.get('output')), [{ __path__: '/var/log/a.log', team: 'x', app_a: 'a' }])
  t.match(exports!.get('rules'), { kind: 'capsule', type: 'relabel.Rules', data: { length: 2 } })
  t.end()
})

void t.test('without rules the targets are as they were', (t) => {
  const component = new ComponentBench().create(discoveryRelabel, { targets: [{ a: '1' }] })
  t.same(plain(component.exports!.get('output')), [{ a: '1' }])
  t.notOk('update' in component, 'a change makes a new one, whose output is there at once')
  t.end()
})

void t.test('rules that cannot work are refused', (t) => {
  const bench = new ComponentBench()
  for (const [rule, refused] of [
    [{ action: 'hashmod', target_label: 'a' }, 'BAD_ARGUMENT modulus'],
    [{ regex: '(', target_label: 'a' }, 'BAD_REGEX regex'],
  ] as const)
    t.equal(
      refusal(() => bench.create(discoveryRelabel, { targets: [], rule: [rule] })),
      refused,
    )
  t.end()
})
