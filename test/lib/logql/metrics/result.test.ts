import t from 'tap'
import { labelMap, metricMap, point } from '../../../../lib/logql/metrics/result.ts'
import { seriesLabels } from '../../../../lib/logql/metrics/series-labels.ts'

void t.test('points and labels', (tap) => {
  tap.same(point(1.5, 0.1), [1.5, '0.1'])
  tap.same(
    [NaN, Infinity, -Infinity, 1e21].map((value) => point(0, value)[1]),
    ['NaN', '+Inf', '-Inf', '1000000000000000000000'],
  )
  tap.same(
    metricMap(
      seriesLabels([
        ['b', '2'],
        ['a', '1'],
      ]),
    ),
    { a: '1', b: '2' },
  )
  tap.ok(Object.hasOwn(labelMap([['__proto__', 'x']]), '__proto__'), 'no name is special')
  tap.end()
})
