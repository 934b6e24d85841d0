/** Numbers in place of lines: which lines have one, and which are handed out whole. */
import t from 'tap'
import type { NumberField } from '../../../lib/logql/engine/querier.ts'
import { storeQuerier } from '../../../lib/store/select.ts'
import { openStore, push, SECONDS, storeFolder } from '../../support/store-harness.ts'

const JSON_FIELD: NumberField = { parser: { kind: 'json' }, name: 'v', others: [], absent: ['__error__'] }

const store = await openStore(await storeFolder((run) => t.teardown(run)), {
  discoverServiceName: [],
  discoverLogLevels: false,
})
t.teardown(() => store.close())
let apps = 0

/** What lines of a new stream are handed out as. */
async function handedOut(lines: readonly string[], number: NumberField): Promise<(number | string)[]> {
  const app = `a${apps++}`
  await push(
    store,
    { app },
    lines.map((line, i) => [line, i] as const),
  )
  const selection = {
    matchers: [{ name: 'app', operator: '=', value: app }],
    from: { seconds: SECONDS, nanos: 0 },
    to: { seconds: SECONDS + lines.length, nanos: 0 },
    signal: undefined,
    filters: [],
    byMetadata: [],
    number,
  } as const
  const found: (number | string)[] = []
  for await (const block of storeQuerier(store).rows!(selection).blocks)
    for (const row of block.order) {
      const given = block.numbers?.[row] ?? NaN
      found.push(Number.isNaN(given) ? block.line(row) : given)
    }
  return found
}

void t.test('JSON', async (t) => {
  const numbers = ['{"v":29}', '{"a":"x","v": -1.5 ,"l":["b",1]}', '{"v":1e3}', '{"v":0}']
  const lines = [
    '{"v":"29"}',
    '{"v":true}',
    '{"v":[5]}',
    '{"v":-0}',
    '{"v":1e999}',
    '{"v":1',
    '{"v":1,"x":NaN}',
    '{"v":1,"x":[-inf]}',
    '{"v":1," v ":2}',
    String.raw`{"\u0076":2,"v":1}`,
    '{"v":1,"--error--":"x"}',
    'v=1',
    '',
    '[1]',
  ]
  const found = await handedOut([...numbers, ...lines], JSON_FIELD)
  t.same(found, [29, -1.5, 1000, 0, ...lines])
  const nested = ['{"v":1,"o":{"c":2}}']
  t.same(await handedOut(nested, { ...JSON_FIELD, absent: [] }), [1])
  t.same(await handedOut(nested, JSON_FIELD), nested, 'a label with `_` could be in objects')
})

void t.test('a pattern', async (t) => {
  const field = (pattern: string): NumberField => ({
    ...JSON_FIELD,
    parser: { kind: 'pattern', pattern },
    absent: [],
  })
  const lines = ['[x|007 ', '[x|-0 ', '[x|1.5e3 ', '[x|1', 'x|1 ', '[x1 ', '[x|12345678901234567 ']
  const all = ['[x|12 y', '[|-3.25 ', ...lines]
  t.same(await handedOut(all, field('[<a>|<v> ')), [12, -3.25, ...lines])
  t.same(await handedOut(all, field('[x|<v> y')), all, 'literals of several letters')
})

void t.test('a pattern with one letter between all captures', async (t) => {
  const field: NumberField = {
    ...JSON_FIELD,
    parser: { kind: 'pattern', pattern: "<_>'<v>'<w>" },
    absent: [],
  }
  const numbers = ["a'12'b", "'0'", "é'-3.25'12'", "12'7'12'8", "a'12", "12'12", "a'12'12"]
  const lines = ["a'007'", "a'-0'", "a'1e3'", "a' 1'", "a'١'", "a'12345678901234567'", "a''12'", '']
  t.same(await handedOut([...numbers, ...lines], field), [12, 0, -3.25, 7, 12, 12, 12, ...lines])
  const long = `9'12'${'x'.repeat(5000)}`
  t.same(await handedOut(["a'1'", long, "\u{1f600}'2'"], field), [1, long, "\u{1f600}'2'"])
})

void t.test('streams that have the label, or lack another one that counts', async (t) => {
  const lines = ['{"app":1,"v":2}']
  const app = { ...JSON_FIELD, name: 'app' }
  t.same(await handedOut(lines, app), lines)
  t.same(await handedOut(lines, { ...JSON_FIELD, others: ['host'] }), lines)
  t.same(await handedOut(lines, { ...JSON_FIELD, others: ['app'] }), [2])
})
