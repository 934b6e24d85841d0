import t from 'tap'
import {
  NO_LABELS,
  compareLabels,
  labelOf,
  onlyLabels,
  seriesLabels,
  withLabel,
  withoutLabels,
} from '../../../../lib/logql/metrics/series-labels.ts'

const labels = seriesLabels([
  ['b', '2'],
  ['a', '1'],
])

void t.test('sorted, with keys that tell them apart', (tap) => {
  tap.same(labels.pairs, [
    ['a', '1'],
    ['b', '2'],
  ])
  tap.equal(
    labels.key,
    seriesLabels([
      ['a', '1'],
      ['b', '2'],
    ]).key,
  )
  tap.not(seriesLabels([['a', '1:b']]).key, seriesLabels([['a:1', 'b']]).key)
  tap.equal(seriesLabels([]), NO_LABELS)
  tap.equal(labelOf(labels, 'b'), '2')
  tap.equal(labelOf(labels, 'c'), undefined)
  tap.end()
})

void t.test('with and without', (tap) => {
  tap.equal(onlyLabels(labels, ['a', 'b', 'c']), labels, 'nothing to do')
  tap.same(onlyLabels(labels, ['a']).pairs, [['a', '1']])
  tap.equal(onlyLabels(labels, []).key, NO_LABELS.key)
  tap.same(withoutLabels(labels, ['a']).pairs, [['b', '2']])
  tap.equal(withoutLabels(labels, ['c']), labels)
  tap.same(withLabel(labels, 'a', '9').pairs, [
    ['a', '9'],
    ['b', '2'],
  ])
  tap.same(withLabel(labels, 'a', '').pairs, [['b', '2']])
  tap.same(withLabel(labels, 'a', undefined).pairs, [['b', '2']])
  tap.end()
})

void t.test('order', (tap) => {
  const sets = [
    [['b', '1']],
    [['a', '2']],
    [
      ['a', '1'],
      ['b', '1'],
    ],
    [['a', '1']],
    [],
  ].map((pairs) => seriesLabels(pairs as [string, string][]))
  tap.same(
    sets.sort(compareLabels).map(({ pairs }) => pairs.flat().join('')),
    ['', 'a1', 'a1b1', 'a2', 'b1'],
  )
  tap.end()
})
