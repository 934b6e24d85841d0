import t from 'tap'
import { filterNames, hintsOf, isRequired, isRequiredPrefix } from '../../../../lib/logql/syntax/hints.ts'
import { instant, store } from '../../../support/logql-lines.ts'

void t.test('what is required', (tap) => {
  const by = (labels: string[]) => ({ labels, without: false, noLabels: false })
  tap.equal(hintsOf([], { labels: [], without: false, noLabels: true }).noLabels, true)
  tap.same(hintsOf(['a'], { labels: [], without: false, noLabels: true }).required, ['a'])
  tap.same(hintsOf(['a', ''], by(['b_extracted'])).required, ['a', 'b_extracted', 'b'])
  tap.equal(hintsOf(['a'], by([])).required, undefined)
  tap.equal(hintsOf(['a'], { labels: ['b'], without: true, noLabels: false }).required, undefined)
  tap.equal(hintsOf(['__error__'], by(['a'])).preserveError, true)
  const hints = hintsOf([], by(['req_status']))
  tap.same([isRequired(hints, 'req_status'), isRequired(hints, 'req')], [true, false])
  tap.same([isRequiredPrefix(hints, 'req'), isRequiredPrefix(hints, 'user')], [true, false])
  tap.end()
})

void t.test('the labels of filters', (tap) => {
  const match = { kind: 'match', matcher: { name: 'a', operator: '=', value: '1' } } as const
  const number = { kind: 'number', name: 'b', operator: '>', value: 1 } as const
  tap.same(filterNames({ kind: 'or', left: match, right: { kind: 'and', left: number, right: match } }), [
    'a',
    'b',
    'a',
  ])
  tap.end()
})

void t.test('errors beyond what a metric needs are not found, as in Loki', async (tap) => {
  const querier = store([[{ app: 'a' }, { 1: '{"level":"info","broken":', 2: '{"level":"info"}' }]])
  tap.same(await instant(querier, 'sum(count_over_time({app="a"} | json [1m]))', 10), { '{}': '2' })
  tap.same(await instant(querier, 'sum by (level) (count_over_time({app="a"} | json [1m]))', 10), {
    '{"level":"info"}': '2',
  })
  await tap.rejects(
    instant(querier, 'sum by (app) (count_over_time({app="a"} | json [1m]))', 10),
    /pipeline error/,
  )
  await tap.rejects(instant(querier, 'count_over_time({app="a"} | json [1m])', 10), /JSONParserErr/)
  tap.same(await instant(querier, 'sum by (__error__) (count_over_time({app="a"} | json [1m]))', 10), {
    '{"__error__":"JSONParserErr"}': '1',
    '{}': '1',
  })
})
