import t from 'tap'
import { toLower, toUpper } from '../../../../lib/alloy/stdlib/letter-case.ts'

void t.test('one character becomes one character', async (t) => {
  t.equal(toUpper('abcé ßŉǆﬁ'), 'ABCÉ ßŉǄﬁ')
  t.equal(toUpper('ᾀᾠᾳῃῳ'), 'ᾈᾨᾼῌῼ')
  t.equal(toLower('ABCÉ İΑΣ'), 'abcé iασ')
  t.equal(toUpper('𐐨'), '𐐀')
})
