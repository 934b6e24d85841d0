import t from 'tap'
import { LogqlError } from '../../../../lib/logql/syntax/error.ts'
import { instant, store } from '../../../support/logql-lines.ts'

const querier = store([
  [
    { app: 'a', pod: '1' },
    { 100: 'x', 101: 'x', 102: 'x' },
  ],
  [{ app: 'a', pod: '2' }, { 100: 'x' }],
  [
    { app: 'b', pod: '1' },
    { 100: 'x', 101: 'x' },
  ],
])
const all = 'count_over_time({app=~".+"}[1m])'
const first = 'count_over_time({pod="1"}[1m])'
const byApp = `sum by (app) (${all})`

void t.test('operations', async (tap) => {
  for (const [query, expected] of [
    [`${all} > 1`, { '{"app":"a","pod":"1"}': '3', '{"app":"b","pod":"1"}': '2' }],
    [`2 < ${all}`, { '{"app":"a","pod":"1"}': '3' }],
    [`${byApp} == bool 4`, { '{"app":"a"}': '1', '{"app":"b"}': '0' }],
    [`${byApp} + ${byApp}`, { '{"app":"a"}': '8', '{"app":"b"}': '4' }],
    [`${first} / on (app) ${byApp}`, { '{"app":"a"}': '0.75', '{"app":"b"}': '1' }],
    [`${first} / ignoring (pod) ${byApp}`, { '{"app":"a"}': '0.75', '{"app":"b"}': '1' }],
    [
      `${all} / on (app) group_left ${byApp}`,
      { '{"app":"a","pod":"1"}': '0.75', '{"app":"a","pod":"2"}': '0.25', '{"app":"b","pod":"1"}': '1' },
    ],
    [
      `${byApp} - on (app) group_right () ${all}`,
      { '{"app":"a","pod":"1"}': '1', '{"app":"a","pod":"2"}': '3', '{"app":"b","pod":"1"}': '0' },
    ],
    [`${all} and on (pod) count_over_time({pod="2"}[1m])`, { '{"app":"a","pod":"2"}': '1' }],
    [`${all} unless ${first}`, { '{"app":"a","pod":"2"}': '1' }],
    [
      `count_over_time({pod="2"}[1m]) or on (app) count_over_time({app="b"}[1m])`,
      { '{"app":"a","pod":"2"}': '1', '{"app":"b","pod":"1"}': '2' },
    ],
    [`sum(${all}) or vector(0)`, { '{}': '6' }],
    [`sum(count_over_time({app="none"}[1m])) or vector(0)`, { '{}': '0' }],
  ] as const)
    tap.same(await instant(querier, query, 120), expected, query)
})

void t.test('matches that are not unique are errors of status 500', async (tap) => {
  for (const query of [`${byApp} / on (app) ${all}`, `${all} / on (app) ${byApp}`]) {
    const error: unknown = await instant(querier, query, 120).catch((thrown: unknown) => thrown)
    tap.ok(error instanceof LogqlError && error.status === 500, query)
  }
})
