import t from 'tap'
import { isInternal, metricsText } from '../../../lib/pipeline-test/metrics-text.ts'

void t.test('samples by number of labels, then by values; buckets as they are', (tap) => {
  const text = metricsText([
    {
      name: 'c',
      help: 'a\\b\nc',
      type: 'counter',
      samples: [
        { labels: { b: '2', a: '1' }, value: 1 },
        { labels: { a: '2' }, value: 1e21 },
        { labels: { a: '1"\n' }, value: 0.5 },
        { labels: {}, value: 3 },
      ],
    },
    {
      name: 'h',
      help: '',
      type: 'histogram',
      samples: [
        { labels: { x: 'y', le: '2' }, value: 1, name: 'h_bucket' },
        { labels: { x: 'y', le: '10' }, value: 2, name: 'h_bucket' },
        { labels: { x: 'y' }, value: 5, name: 'h_sum' },
      ],
    },
  ])
  tap.equal(
    text,
    [
      '# HELP c a\\\\b\\nc',
      '# TYPE c counter',
      'c 3',
      'c{a="1\\"\\n"} 0.5',
      'c{a="2"} 1e+21',
      'c{a="1",b="2"} 1',
      '# HELP h ',
      '# TYPE h histogram',
      'h_bucket{x="y",le="2"} 1',
      'h_bucket{x="y",le="10"} 2',
      'h_sum{x="y"} 5',
      '',
    ].join('\n'),
  )
  tap.end()
})

void t.test('a name that is not classic is quoted within the braces', (tap) => {
  const text = metricsText([
    {
      name: 'a b',
      help: 'é',
      type: 'histogram',
      samples: [
        { labels: { x: 'y', le: '1' }, value: 1, name: 'a b_bucket' },
        { labels: {}, value: 5, name: 'a b_sum' },
      ],
    },
  ])
  tap.equal(
    text,
    ['# HELP "a b" é', '# TYPE "a b" histogram', '{"a b_sum"} 5', '{"a b_bucket",x="y",le="1"} 1', ''].join(
      '\n',
    ),
  )
  tap.end()
})

void t.test('which families stage.metrics has not made', (tap) => {
  const family = (name: string) => ({ name, help: '', type: 'counter' as const, samples: [] })
  tap.equal(isInternal(family('loki_process_dropped_lines_total')), true)
  tap.equal(isInternal(family('logstream_units_total')), true)
  tap.equal(isInternal(family('loki_process_custom_lines')), false)
  tap.end()
})
