import fc from 'fast-check'
import t from 'tap'
import {
  ALL,
  contains,
  holdsAllAstral,
  holdsAstral,
  intersect,
  negate,
  normalize,
  onlyMember,
  sameSet,
  single,
  subtract,
  union,
} from '../../../../lib/go/regexp/charset.ts'

const ranges = fc
  .array(fc.tuple(fc.nat(300), fc.nat(20)), { maxLength: 8 })
  .map((pairs) => normalize(pairs.flatMap(([low, size]) => [low, low + size])))

void t.test('the algebra agrees with membership', (t) => {
  const property = fc.property(ranges, ranges, fc.nat(330), (a, b, point) => {
    const inA = contains(a, point)
    const inB = contains(b, point)
    return (
      contains(union(a, b), point) === (inA || inB) &&
      contains(intersect(a, b), point) === (inA && inB) &&
      contains(subtract(a, b), point) === (inA && !inB) &&
      contains(negate(a), point) === !inA &&
      sameSet(negate(negate(a)), a)
    )
  })
  t.doesNotThrow(() => fc.assert(property))
  t.strictSame(normalize([5, 9, 1, 4, 20, 20]), [1, 9, 20, 20])
  t.end()
})

void t.test('questions about a set', (t) => {
  t.equal(onlyMember(single(65)), 65)
  t.equal(onlyMember([65, 66]), undefined)
  t.equal(onlyMember([]), undefined)
  t.ok(holdsAllAstral(ALL) && holdsAstral([0x1_f6_00, 0x1_f6_00]))
  t.notOk(holdsAllAstral([0x1_f6_00, 0x10_ff_ff]) || holdsAstral([0, 0xff_ff]))
  t.end()
})
