/** Selecting finds what sorting would. */
import t from 'tap'
import fc from 'fast-check'
import { selected } from '../../../../lib/logql/metrics/selection.ts'

void t.test('a place and the one before it', (t) => {
  const number = fc.oneof(fc.integer({ min: 0, max: 9 }), fc.double({ noNaN: true }))
  const numbers = fc.array(number, { minLength: 1, maxLength: 300 })
  fc.assert(
    fc.property(numbers, fc.nat(), fc.constantFrom('drawn', 'sorted', 'reversed'), (drawn, at, as) => {
      const sorted = Float64Array.from(drawn, (each) => each + 0).sort()
      const place = at % drawn.length
      const given = as === 'drawn' ? Float64Array.from(drawn, (each) => each + 0) : sorted.slice()
      const found = selected(as === 'reversed' ? given.reverse() : given, place)
      t.equal(found[place], sorted[place])
      if (place > 0) t.equal(found[place - 1], sorted[place - 1])
    }),
  )
  t.end()
})
