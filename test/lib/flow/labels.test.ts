import assert from 'node:assert/strict'
import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'
import fc from 'fast-check'
import t, { type Test } from 'tap'
import {
  EMPTY_LABELS,
  internedLabelSets,
  labelSet,
  sizeLabelGenerations,
  watchLabelPressure,
  type LabelPressure,
  type LabelSet,
} from '../../../lib/flow/labels.ts'

setFlagsFromString('--expose-gc')
const collectGarbage = runInNewContext('gc') as () => void

function heapMib(): number {
  collectGarbage()
  return process.memoryUsage().heapUsed / 1024 / 1024
}

const name = fc.constantFrom('app', 'level', 'host', '__path__', 'ä', 'a b')
const value = fc.oneof(fc.string({ unit: 'grapheme', maxLength: 20 }), fc.constantFrom('', 'x', '1:a1:b'))
const change = fc.oneof(
  fc.record({ name, value }),
  fc.record({ name, value: fc.constant(undefined as string | undefined) }),
)

void t.test('a label set is a sorted map', (tap) => {
  fc.assert(
    fc.property(fc.array(change, { maxLength: 20 }), (changes) => {
      let set: LabelSet = EMPTY_LABELS
      const model = new Map<string, string>()
      for (const each of changes) {
        if (each.value === undefined) model.delete(each.name)
        else model.set(each.name, each.value)
        set = each.value === undefined ? set.without(each.name) : set.with(each.name, each.value)
      }
      const sorted = [...model].sort(([a], [b]) => (a < b ? -1 : 1))
      assert.deepEqual(set.entries(), sorted)
      assert.equal(set.size, model.size)
      for (const key of ['app', 'level', 'host', '__path__', 'ä', 'a b', 'none']) {
        assert.equal(set.get(key), model.get(key))
        assert.equal(set.has(key), model.has(key))
      }
      assert.deepEqual(set.toObject(), Object.fromEntries(sorted))
      assert.equal(labelSet(model).key, set.key, 'however it was made, equal sets have one key')
      assert.equal(labelSet(Object.fromEntries(model)), set, 'and are one object while the table knows them')
    }),
  )
  tap.pass('against plain maps')
  tap.end()
})

void t.test('different sets have different keys, whatever their values look like', (tap) => {
  const pairs = fc.dictionary(fc.string({ minLength: 1, maxLength: 3 }), fc.string({ maxLength: 6 }))
  fc.assert(
    fc.property(pairs, pairs, (a, b) => {
      const same = JSON.stringify(labelSet(a).entries()) === JSON.stringify(labelSet(b).entries())
      return (labelSet(a).key === labelSet(b).key) === same
    }),
  )
  tap.not(labelSet({ a: '1", b="c' }).key, labelSet({ a: '1', b: 'c' }).key)
  tap.not(labelSet({ 'a="1", b': 'c' }).key, labelSet({ a: '1', b: 'c' }).key)
  tap.end()
})

void t.test('the text that Loki gets', (tap) => {
  tap.equal(EMPTY_LABELS.text, '{}')
  tap.equal(labelSet({ b: 'x"\n', a: '1', __path__: '/var' }).text, '{a="1", b="x\\"\\n"}')
  tap.equal(labelSet({ __only__: 'y' }).text, '{}')
  tap.end()
})

void t.test('a later pair of the same name wins', (tap) => {
  const pairs: [string, string][] = [
    ['a', '1'],
    ['b', '2'],
    ['a', '3'],
  ]
  tap.same(labelSet(pairs).toObject(), { a: '3', b: '2' })
  tap.equal(String(labelSet(pairs)), '{a="3", b="2"}')
  tap.equal(JSON.stringify(labelSet(pairs)), '{"a":"3","b":"2"}')
  tap.equal(labelSet([]), EMPTY_LABELS)
  tap.equal(EMPTY_LABELS.without('a'), EMPTY_LABELS)
  tap.equal(labelSet({ a: '1' }).without('a'), EMPTY_LABELS)
  tap.equal(labelSet({ a: '1' }).with('a', '1'), labelSet({ a: '1' }), 'an unchanged set is the same one')
  tap.equal(labelSet({ a: '1' }).withOnce('b', '2'), labelSet({ a: '1', b: '2' }), 'asked for once or not')
  tap.end()
})

// Each way in which an unbounded label can come: by a stage, before other labels, or with the entry itself; and how
// many sets one value makes.
const floods: readonly [string, number, (base: LabelSet, id: string) => LabelSet][] = [
  ['the last label of a stage', 1, (base, id) => base.with('request_id', id)],
  [
    'a label that others follow',
    4,
    (base, id) => base.with('request_id', id).with('level', 'info').with('method', 'GET').without('app'),
  ],
  ['a label that comes with the entry', 1, (_, id) => labelSet({ app: 'shop', request_id: id })],
]

const GENERATION = 4096

/** Other tests of the process have generations of the usual size. */
function withSmallGenerations(tap: Test): void {
  sizeLabelGenerations(GENERATION)
  tap.teardown(() => sizeLabelGenerations(65_536))
}

/** What the table holds at most. */
const MOST_SETS = 2 * GENERATION

for (const [title, setsEach, flood] of floods)
  void t.test(`a flood of values takes no memory and is reported: ${title}`, (tap) => {
    withSmallGenerations(tap)
    const reports: LabelPressure[] = []
    const stop = watchLabelPressure((pressure) => reports.push(pressure))
    const base = labelSet({ app: 'shop', region: 'eu' })
    const full = Math.ceil((MOST_SETS + 100) / setsEach)
    for (let i = 0; i < full; i++) flood(base, `some-long-request-id-${i}`)
    const before = heapMib()
    let most = 0
    for (let i = 0; i < 5 * full; i++) {
      flood(base, `another-long-request-id-${i}`)
      if (i % 100 === 0) most = Math.max(most, internedLabelSets())
    }
    const grown = heapMib() - before
    stop()
    tap.equal(base.size, 2, 'the base lives on, and with it all that it would keep')
    // One generation more or less; kept, the flood would be 20 MiB and more.
    tap.ok(grown < 10, `the heap grew by ${grown.toFixed(1)} MiB`)
    tap.ok(most <= MOST_SETS, `at most ${most} sets were kept`)
    tap.ok(reports.length > 0)
    tap.same([...new Set(reports.map(({ label }) => label))], ['request_id'], 'the right label is named')
    tap.end()
  })

void t.test('what was forgotten is still equal by key', (tap) => {
  withSmallGenerations(tap)
  const kept = labelSet({ app: 'old', level: 'x' })
  const parent = labelSet({ app: 'old' })
  for (let i = 0; i <= MOST_SETS; i++) labelSet({ flood: String(i) })
  const again = labelSet({ app: 'old', level: 'x' })
  tap.not(again, kept, 'the table had forgotten it')
  tap.equal(again.key, kept.key)
  tap.equal(again.text, kept.text)
  tap.equal(parent.with('level', 'x').key, kept.key, 'an old set still makes new ones')
  tap.equal(parent.with('level', 'x'), again)
  tap.end()
})

void t.test('a steady set of streams is not reported, however long it runs', (tap) => {
  withSmallGenerations(tap)
  const run = (): void => {
    for (let i = 0; i < 40_000; i++)
      labelSet({ app: `app${i % 40}`, level: `level${i % 7}` }).with('host', `host${i % 50}`)
  }
  run()
  const reports: LabelPressure[] = []
  const stop = watchLabelPressure((pressure) => reports.push(pressure))
  run()
  stop()
  tap.same(reports, [])
  tap.end()
})

void t.test('two services in one process are both told, each until it stops listening', (tap) => {
  withSmallGenerations(tap)
  const heard: string[] = []
  const stopFirst = watchLabelPressure(() => heard.push('first'))
  const stopSecond = watchLabelPressure(() => heard.push('second'))
  const flood = (): void => {
    for (let i = 0; i <= GENERATION; i++) labelSet({ both: `${heard.length}-${i}` })
  }
  flood()
  tap.same([...new Set(heard)].sort(), ['first', 'second'])
  stopFirst()
  heard.length = 0
  flood()
  tap.same([...new Set(heard)], ['second'])
  stopSecond()
  tap.end()
})

void t.test('a stream and what it becomes with one more label take little memory', (tap) => {
  const STREAMS = 20_000
  const sets: LabelSet[] = []
  const before = heapMib()
  for (let i = 0; i < STREAMS; i++)
    sets.push(labelSet({ app: 'shop', namespace: 'checkout', pod: `cart-${i}` }).with('service_name', 'shop'))
  const bytes = ((heapMib() - before) * 1024 * 1024) / STREAMS
  tap.ok(bytes < 1000, `${Math.round(bytes)} bytes each`)
  tap.equal(sets[7]!.with('level', 'info'), sets[7]!.with('level', 'info'))
  tap.equal(sets[7]!.with('level', 'info').get('level'), 'info')
  tap.equal(sets[7]!.with('level', 'warn').get('level'), 'warn', 'a second transition')
  tap.equal(sets[7]!.with('level', 'warn'), sets[7]!.with('level', 'warn'))
  tap.equal(sets[7]!.with('host', 'info').get('level'), undefined, 'the same value of another name')
  tap.end()
})
