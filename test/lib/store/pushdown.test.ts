/** What the store does by itself is what the engine makes of the same lines in memory: random lines, unsealed and sealed. */
import t from 'tap'
import fc from 'fast-check'
import { queryInstant, queryRange } from '../../../lib/logql/engine/engine.ts'
import type { Querier } from '../../../lib/logql/engine/querier.ts'
import { parseExpression } from '../../../lib/logql/syntax/parse.ts'
import { storeQuerier } from '../../../lib/store/select.ts'
import { MemoryQuerier } from '../../support/memory-querier.ts'
import { openStore, push, SECONDS, storeFolder } from '../../support/store-harness.ts'

const number = fc.oneof(
  fc.integer({ min: -999, max: 999 }).map(String),
  fc.constantFrom(
    '-0',
    '0',
    '1e400',
    '1.50',
    '0x10',
    'NaN',
    'Infinity',
    '007',
    '1e-3',
    '-1.5',
    '9007199254740993',
  ),
)
const word = fc.oneof(
  fc.constantFrom(
    'ok',
    'bad',
    '',
    'ä',
    '\u{1f600}',
    'a b',
    String.raw`\u0041`,
    String.raw`q\"q`,
    String.raw`\x`,
    '{',
    '\ufffd',
  ),
  fc.string({ maxLength: 20 }),
)
const value = fc.oneof(
  number,
  word.map((text) => `"${text}"`),
  fc.constantFrom('null', 'true', '[1,2]', '{"s":"in"}', '{"":5}', 'nope', '"open'),
)
const key = fc.constantFrom('s', 'v', 'w', ' s', 's ', 'v.x', 'v_x', 'app', '', 'longer key than most', '1a')
const json = fc
  .array(fc.tuple(key, value, fc.constantFrom(',', ', ', ' ,', '')), { maxLength: 6 })
  .map((members) => `{${members.map(([k, v, end]) => `"${k}":${v}${end}`).join('')}}`)
const line = fc.oneof(
  { weight: 4, arbitrary: json },
  {
    weight: 3,
    arbitrary: fc.array(fc.oneof(number, word), { maxLength: 5 }).map((parts) => parts.join('|')),
  },
  fc
    .array(fc.tuple(key, word), { maxLength: 4 })
    .map((pairs) => pairs.map((pair) => pair.join('=')).join(' ')),
  fc.string({ unit: 'grapheme', maxLength: 30 }),
  fc.constantFrom('\ufeffmark', '', 'nul \0 here', 'x'.repeat(5000)),
)
const entries = fc.array(fc.tuple(fc.constantFrom('a', 'b'), fc.integer({ min: 0, max: 40 }), line), {
  minLength: 1,
  maxLength: 60,
})

const PATTERN = '| pattern "<s>|<v>|<w>|<_>"'
const QUERIES: readonly string[] = [
  'S',
  'S |= "a" | json | s="ok"',
  'S | json | v > 5',
  'S |~ "(?i)LONGER KEY" != "nope"',
  'S |~ "mark|here|x{20}" | json',
  'sum by (app) (count_over_time(S |= "longer" or "true" |~ "key|open|true" [10s]))',
  'S | logfmt | w!=""',
  'S | json | __error__="" | v > 5',
  'sum(count_over_time(S | json | __error__="" | v > 5 [10s]))',
  'sum(count_over_time(S | json | __error__="" | v > 5 | w!="ok" [10s]))',
  `sum(bytes_over_time(S ${PATTERN} | __error__="" | v > 5 [10s]))`,
  `sum_over_time(S ${PATTERN} | __error__="" | unwrap v | w < 5 [10s])`,
  'sum by (app) (count_over_time(S[10s]))',
  'sum by (app) (count_over_time(S[40s]))',
  'sum(rate(S[7s]))',
  'sum by (detected_level) (bytes_over_time(S[20s]))',
  'count_over_time(S |= "a"[10s])',
  'sum by (s) (count_over_time(S | json [10s]))',
  'sum by (s, app_extracted) (count_over_time(S | json | __error__=""[10s]))',
  'sum by (s) (count_over_time(S | json | v > 5 | __error__="" [10s]))',
  'sum by (v_x) (count_over_time(S | json | s=~"o.*|in" [10s]))',
  'quantile_over_time(0.9, S | json | unwrap v | __error__="" [20s]) by (s)',
  'sum_over_time(S | json | unwrap v_x | __error__="" [10s])',
  `quantile_over_time(0.5, S ${PATTERN} | unwrap v | __error__="" [20s]) by (app)`,
  `avg_over_time(S ${PATTERN} | unwrap v | __error__="" [10s]) by (s)`,
  `sum by (s, w) (count_over_time(S ${PATTERN} [10s]))`,
  'bytes_over_time(S | json | v > 5 | __error__="" [10s])',
  'sum by (app) (bytes_over_time(S | json | s!="" or v="5" [10s]))',
  'sum by (s) (count_over_time(S |> "<_>s<_>" | json [10s]))',
  'sum by (v_x, s) (count_over_time(S | json | s="in" or v_x!="" or s_s="in" [10s]))',
  'sum(count_over_time(S | json | v > 5 | __error__="" [10s]))',
  'sum by (app) (count_over_time(S | json | v_x >= 5 or v_x < 1 [10s]))',
  'sum(count_over_time(S | json | v != 5 [40s]))',
  'sum by (app) (count_over_time(S | json | v >= 29 and v < 300 or v == -1.5 or v > 1e3 [40s]))',
  'last_over_time(S | json | unwrap v | __error__="" [10s]) by (app)',
  `sum by (app) (count_over_time(S ${PATTERN} | w < 5 | __error__="" [10s]))`,
  `max_over_time(S | pattern "<v>, <_>" | unwrap v | __error__="" [10s]) by (app)`,
  'count(count_over_time(S | json [10s]))',
  'sum(count_over_time(S | json [10s]))',
  'max_over_time(S | json | unwrap app | __error__="" [20s]) by (s)',
  'max_over_time(S | json | unwrap v | __error__="" | v > 5 [20s]) by (v)',
  'first_over_time(S | json | unwrap v | __error__="" [20s]) by (app)',
  'sum_over_time(S | json | unwrap duration(v) | __error__="" [20s]) by (s)',
  `sum_over_time(S ${PATTERN} | unwrap v | __error__="" [20s])`,
  `last_over_time(S ${PATTERN} | w!="" | unwrap v | __error__="" [20s]) by (app)`,
  `sum by (s) (bytes_over_time(S | pattern "{<s>:<_>" [10s]))`,
  'sum by (s) (count_over_time(S | logfmt | v!="" [10s]))',
  'sum by (x) (count_over_time(S | regexp "(?P<x>[a-z]+)" [10s]))',
]

/** At one time: the indexes of files know some of the counts. */
const INSTANTS: readonly string[] = [
  'sum by (app) (count_over_time(S[40s]))',
  'sum by (app) (count_over_time(S[30s]))',
  'rate(S[1m])',
  'sum by (detected_level) (count_over_time(S[1m]))',
]

async function instant(querier: Querier, query: string): Promise<unknown> {
  return await queryInstant(querier, parseExpression(query), BigInt(SECONDS + 40) * 1_000_000_000n)
}

async function answer(querier: Querier, query: string): Promise<unknown> {
  const nanos = BigInt(SECONDS) * 1_000_000_000n
  const request = {
    start: nanos,
    end: nanos + 41_000_000_000n,
    step: 10_000_000_000n,
    limit: 30,
    direction: 'backward' as const,
    interval: 0n,
    flags: ['categorize-labels'],
  }
  try {
    return await queryRange(querier, parseExpression(query), request)
  } catch (error) {
    return String(error)
  }
}

void t.test('the same answers', async (t) => {
  const options = { discoverServiceName: [], discoverLogLevels: false }
  const store = await openStore(await storeFolder((run) => t.teardown(run)), options)
  t.teardown(() => store.close())
  let runs = 0
  await fc.assert(
    fc.asyncProperty(entries, async (drawn) => {
      const run = String(runs++)
      const memory = new MemoryQuerier({ discover: false })
      for (const app of ['a', 'b']) {
        const lines = drawn
          .filter(([of]) => of === app)
          .map(([, at, text]) => [text.replaceAll(/\p{Cs}/gu, '\ufffd'), at] as const)
        if (lines.length === 0) continue
        await push(store, { app, run }, lines)
        const values = lines.map(([text, at]) => [`${SECONDS + at}000000000`, text] as const)
        memory.push({ streams: [{ stream: { app, run }, values }] })
      }
      const wanted = []
      const queries = QUERIES.map((query) => query.replaceAll('S', `{run="${run}"}`))
      for (const query of queries) wanted.push(await answer(memory, query))
      const instants = INSTANTS.map((query) => query.replaceAll('S', `{run="${run}"}`))
      const at = []
      for (const query of instants) at.push(await instant(memory, query))
      for (const state of ['unsealed', 'sealed']) {
        for (const [i, query] of queries.entries())
          t.strictSame(await answer(storeQuerier(store), query), wanted[i], `${state}: ${query}`)
        for (const [i, query] of instants.entries())
          t.strictSame(await instant(storeQuerier(store), query), at[i], `${state}: ${query}`)
        await store.upkeep.sealNow()
      }
    }),
    { numRuns: 2 },
  )
})
