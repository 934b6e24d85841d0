/** Structured metadata as it is stored. */
import fc from 'fast-check'
import t from 'tap'
import { MetadataReader, metadataText, metadataSql, ofNames } from '../../../lib/store/metadata.ts'

void t.test('texts are read as they were written, and equal pairs have equal texts', (t) => {
  const reader = new MetadataReader()
  t.equal(metadataText([]), '')
  t.same(reader.read(''), [])
  t.equal(metadataText([], 'info'), '=info')
  t.equal(metadataText([['detected_level', 'x']], 'info'), '=info')
  t.equal(metadataText([['detected_level', 'x']]), '=x')
  t.same(reader.read('=info'), [['detected_level', 'info']])
  t.same(reader.read(metadataText([['a', 'b']], 'info')), [
    ['a', 'b'],
    ['detected_level', 'info'],
  ])
  const pairs = fc.uniqueArray(fc.tuple(fc.string(), fc.string()), {
    selector: ([name]) => name,
    minLength: 1,
  })
  fc.assert(
    fc.property(pairs, (metadata) => {
      const text = metadataText(metadata)
      const sorted = metadata.toSorted(([a], [b]) => (a < b ? -1 : 1))
      t.same(reader.read(text), sorted)
      t.equal(metadataText(metadata.toReversed()), text)
    }),
    { numRuns: 50 },
  )
  t.end()
})

void t.test('metadata by names', (t) => {
  const pairs = [
    ['a', 'b'],
    ['b', 'c'],
  ] as const
  t.same(ofNames(pairs, true), pairs)
  t.equal(ofNames(pairs, false), undefined)
  t.same(ofNames(pairs, ['b', 'x']), [['b', 'c']])
  t.equal(ofNames(pairs, ['c']), undefined, 'a value is not a name')
  t.equal(ofNames(undefined, ['a']), undefined)
  const broken = [['__error__', 'x'], ...pairs] as const
  t.same(ofNames(broken, []), broken, 'an error keeps all')
  t.equal(metadataSql(["a'b"]), metadataSql([]), 'what can be no name does not come into SQL')
  t.end()
})
