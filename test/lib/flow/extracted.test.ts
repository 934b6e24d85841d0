import fc from 'fast-check'
import t from 'tap'
import { Extracted, shapeOf, textOf, type ExtractedValue } from '../../../lib/flow/extracted.ts'
import { EMPTY_LABELS, labelSet } from '../../../lib/flow/labels.ts'

const NAMES = ['a', 'b', 'c', 'd']
const name = fc.constantFrom(...NAMES)
const value = fc.oneof(
  fc.string({ maxLength: 3 }),
  fc.double({ noNaN: true }),
  fc.boolean(),
  fc.constant(null),
) as fc.Arbitrary<ExtractedValue>

type Change =
  | { readonly do: 'set'; readonly name: string; readonly value: ExtractedValue }
  | { readonly do: 'delete'; readonly name: string }
  | { readonly do: 'row'; readonly row: Readonly<Record<string, ExtractedValue>> }
  | { readonly do: 'labels'; readonly labels: Readonly<Record<string, string>> }
  | { readonly do: 'clone' }

const change: fc.Arbitrary<Change> = fc.oneof(
  fc.record({ do: fc.constant('set' as const), name, value }),
  fc.record({ do: fc.constant('delete' as const), name }),
  fc.record({ do: fc.constant('row' as const), row: fc.dictionary(name, value) }),
  fc.record({ do: fc.constant('labels' as const), labels: fc.dictionary(name, fc.string({ maxLength: 3 })) }),
  fc.record({ do: fc.constant('clone' as const) }),
)

function apply(it: Extracted, model: Map<string, ExtractedValue>, todo: Change): void {
  if (todo.do === 'set') {
    it.set(todo.name, todo.value)
    model.set(todo.name, todo.value)
  } else if (todo.do === 'delete') {
    it.delete(todo.name)
    model.delete(todo.name)
  } else if (todo.do === 'row') {
    it.setRow(shapeOf(Object.keys(todo.row)), Object.values(todo.row))
    for (const [key, each] of Object.entries(todo.row)) model.set(key, each)
  } else if (todo.do === 'labels') {
    it.setLabels(labelSet(todo.labels))
    for (const [key, each] of Object.entries(todo.labels)) model.set(key, each)
  }
}

function same(it: Extracted, model: ReadonlyMap<string, ExtractedValue>): boolean {
  const sorted = [...model].sort(([a], [b]) => (a < b ? -1 : 1))
  const found = [...it.toMap()]
  return (
    found.length === sorted.length &&
    found.every(([key, each], i) => key === sorted[i]![0] && Object.is(each, sorted[i]![1])) &&
    NAMES.every((key) => Object.is(it.get(key), model.get(key)) && it.has(key) === model.has(key))
  )
}

void t.test('layers are a map, and a copy is on its own', (tap) => {
  fc.assert(
    fc.property(
      fc.dictionary(name, fc.string()),
      fc.array(fc.tuple(fc.nat(), change), { maxLength: 40 }),
      (labels, steps) => {
        const all = [
          {
            it: new Extracted(labelSet(labels)),
            model: new Map<string, ExtractedValue>(Object.entries(labels)),
          },
        ]
        for (const [at, todo] of steps) {
          const { it, model } = all[at % all.length]!
          if (todo.do === 'clone') all.push({ it: it.clone(), model: new Map(model) })
          else apply(it, model, todo)
          if (!all.every((each) => same(each.it, each.model))) return false
        }
        return true
      },
    ),
    { numRuns: 200 },
  )
  tap.pass('against plain maps')
  tap.end()
})

void t.test('nil is there and has no text; nothing is not there', (tap) => {
  const it = new Extracted(EMPTY_LABELS)
  it.set('nil', null)
  tap.equal(it.get('nil'), null)
  tap.equal(it.has('nil'), true)
  tap.equal(it.get('none'), undefined)
  it.delete('nil')
  tap.equal(it.has('nil'), false)
  tap.end()
})

void t.test('an entry split into many parts stays as quick to read as one', (tap) => {
  const it = new Extracted(labelSet({ a: '1' }))
  const started = process.hrtime.bigint()
  const copies = Array.from({ length: 20_000 }, () => it.clone())
  tap.ok(copies.every((copy) => copy.get('a') === '1'))
  const ms = Number(process.hrtime.bigint() - started) / 1e6
  tap.ok(ms < 5000, `${ms.toFixed(0)} ms`)
  tap.end()
})

void t.test('values as text, as Go prints them', (tap) => {
  const cases: [ExtractedValue | undefined, string | undefined][] = [
    ['x', 'x'],
    ['', ''],
    [1, '1'],
    [1e21, '1000000000000000000000'],
    [0.1, '0.1'],
    [true, 'true'],
    [false, 'false'],
    [null, undefined],
    [undefined, undefined],
  ]
  for (const [given, text] of cases) tap.equal(textOf(given), text)
  tap.end()
})
