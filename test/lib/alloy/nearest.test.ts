import t from 'tap'
import { nearest, suggestion } from '../../../lib/alloy/nearest.ts'

void t.test('the nearest name', async (t) => {
  const names = ['to_upper', 'to_lower', 'trim', 'trim_space', 'split', 'receiver']
  const cases: [string, string | undefined][] = [
    ['to_uper', 'to_upper'],
    ['TO_LOWER', 'to_lower'],
    ['tirm', 'trim'],
    ['recevier', 'receiver'],
    ['spilt', 'split'],
    ['reverse', undefined],
    ['x', undefined],
  ]
  for (const [word, found] of cases) t.equal(nearest(word, names), found, word)
  t.equal(nearest('a'.repeat(1000), [`${'a'.repeat(999)}b`]), undefined, 'long words are not compared')
  t.equal(nearest('ab', ['ba', 'ab']), 'ba', 'never the word itself')
  t.equal(nearest('a', ['', 'b', 'keep']), undefined, 'something of it is left')
  t.equal(suggestion('tirm', names), '; did you mean "trim"?')
  t.equal(suggestion('zzz', names), '')
})
