import t from 'tap'
import { json } from '../../transforms/json.ts'
import { recordedCases } from '../support/stage-cases.ts'
import { Bench, refusal } from '../support/stage-run.ts'

void t.test('recorded cases', async (t) => {
  await recordedCases(t, 'json')
})

void t.test('malformed lines that are dropped end once, under a name, without a counter', async (t) => {
  const bench = new Bench()
  const stage = bench.stage(json, { expressions: { a: '' }, drop_malformed: true })
  const out = await stage.run(bench.entries('{"a":1}', 'nope', '[1]', '{"a":'))
  t.same(bench.account(out), { delivered: 1, 'dropped json_malformed': 3 })
  t.equal(bench.metrics(), '')
})

void t.test('an expression that fails writes nothing, the others do', async (t) => {
  const bench = new Bench()
  const stage = bench.stage(json, { expressions: { a: '', bad: 'sum(a)', b: '' } })
  const entry = bench.entry('{"a":"text","b":2}', { bad: 'before' })
  await stage.run([entry])
  t.same(
    [...entry.extracted.toMap()],
    [
      ['a', 'text'],
      ['b', 2],
      ['bad', 'before'],
    ],
  )
})

void t.test('keys of an object are never those of its prototype', async (t) => {
  const bench = new Bench()
  const stage = bench.stage(json, { expressions: { c: 'constructor', p: '__proto__' }, regex: '^x' })
  const entry = bench.entry('{"__proto__":{"x":1}}')
  await stage.run([entry])
  t.equal(entry.extracted.get('c'), null)
  t.equal(entry.extracted.get('x'), undefined)
})

void t.test('refusals name the option', (t) => {
  const bench = new Bench()
  t.equal(
    refusal(() => bench.stage(json, { expressions: { a: 'b[' } })),
    'BAD_ARGUMENT expressions',
  )
  t.equal(
    refusal(() => bench.stage(json, { regex: '(' })),
    'BAD_REGEX regex',
  )
  t.equal(
    refusal(() => bench.stage(json, {})),
    'BAD_ARGUMENT',
  )
  t.end()
})

void t.test('null is an object without keys, written as null', async (t) => {
  const bench = new Bench()
  const expressions = { all: '@', type: 'type(@)', keys: 'keys(@)', a: 'a', empty: '@ == `{}`' }
  const entry = bench.entry('null')
  await bench.stage(json, { expressions }).run([entry])
  t.same(Object.fromEntries(entry.extracted.toMap()), {
    all: 'null',
    type: 'object',
    keys: '[]',
    a: null,
    empty: false,
  })
})
