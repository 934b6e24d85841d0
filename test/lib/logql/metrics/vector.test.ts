import t from 'tap'
import type { VectorAggregation } from '../../../../lib/logql/syntax/ast.ts'
import { parseExpression } from '../../../../lib/logql/syntax/parse.ts'
import { seriesLabels } from '../../../../lib/logql/metrics/series-labels.ts'
import { aggregateVector } from '../../../../lib/logql/metrics/vector.ts'

const vector = [
  ['a', '1', 3],
  ['a', '2', 1],
  ['b', '1', 5],
  ['b', '2', 5],
].map(([app, pod, value]) => ({
  labels: seriesLabels([
    ['app', String(app)],
    ['pod', String(pod)],
  ]),
  value: Number(value),
}))

function run(call: string, samples = vector): [string, number][] {
  const expression = parseExpression(call.replace('V', 'vector(1)')) as VectorAggregation
  return aggregateVector(expression, samples).map(({ labels, value }) => [
    labels.pairs.map(([, text]) => text).join(),
    value,
  ])
}

void t.test('aggregations', (tap) => {
  for (const [call, expected] of [
    ['sum(V)', [['', 14]]],
    [
      'sum by (app) (V)',
      [
        ['a', 4],
        ['b', 10],
      ],
    ],
    [
      'sum without (app) (V)',
      [
        ['1', 8],
        ['2', 6],
      ],
    ],
    ['sum by (none) (V)', [['', 14]]],
    [
      'avg by (app) (V)',
      [
        ['a', 2],
        ['b', 5],
      ],
    ],
    [
      'max by (app) (V)',
      [
        ['a', 3],
        ['b', 5],
      ],
    ],
    [
      'min by (app) (V)',
      [
        ['a', 1],
        ['b', 5],
      ],
    ],
    [
      'count by (app) (V)',
      [
        ['a', 2],
        ['b', 2],
      ],
    ],
    [
      'stdvar by (app) (V)',
      [
        ['a', 1],
        ['b', 0],
      ],
    ],
    [
      'stddev by (app) (V)',
      [
        ['a', 1],
        ['b', 0],
      ],
    ],
    [
      'topk(2, V)',
      [
        ['b,1', 5],
        ['b,2', 5],
      ],
    ],
    [
      'topk by (app) (1, V)',
      [
        ['a,1', 3],
        ['b,1', 5],
      ],
    ],
    ['bottomk(1, V)', [['a,2', 1]]],
    [
      'sort(V)',
      [
        ['a,2', 1],
        ['a,1', 3],
        ['b,1', 5],
        ['b,2', 5],
      ],
    ],
    [
      'sort_desc(V)',
      [
        ['b,1', 5],
        ['b,2', 5],
        ['a,1', 3],
        ['a,2', 1],
      ],
    ],
  ] as const)
    tap.same(run(call), expected, call)
  tap.same(run('sum(V)', []), [])
  tap.end()
})

void t.test('NaN comes last', (tap) => {
  const samples = [NaN, 1, Infinity].map((value, i) => ({ labels: seriesLabels([['i', String(i)]]), value }))
  tap.same(
    run('sort(V)', samples).map(([label]) => label),
    ['1', '2', '0'],
  )
  tap.same(
    run('sort_desc(V)', samples).map(([label]) => label),
    ['2', '1', '0'],
  )
  tap.same(run('max(V)', samples), [['', Infinity]])
  tap.same(run('min(V)', samples), [['', 1]])
  tap.end()
})
