/** Which lists have a word in a line; checked against searching for each word. */
import fc from 'fast-check'
import t from 'tap'
import { keywordSearch } from '../../../../lib/components/loki.secretfilter/keywords.ts'

void t.test('words inside of words, in any case, and lists without words', (t) => {
  const search = keywordSearch([['abcd', 'bc'], ['c'], [], ['Über'], ['']])
  t.same(search('xABCx'), [0, 1, 2, 4])
  t.same(search('ab'), [2, 4])
  t.same(search('an übermut'), [2, 3, 4])
  t.same(search(''), [2, 4])
  t.same(search('bäc'), [1, 2, 4], 'another letter in between')
  t.end()
})

void t.test('as searching for each word finds them', (t) => {
  const word = fc.string({ unit: fc.constantFrom('a', 'b', 'A', '_'), minLength: 1, maxLength: 4 })
  const line = fc.string({ unit: fc.constantFrom('a', 'b', 'B', '_', 'é'), maxLength: 20 })
  fc.assert(
    fc.property(
      fc.array(fc.array(word, { minLength: 1, maxLength: 3 }), { maxLength: 5 }),
      line,
      (lists, text) => {
        const wanted = lists.flatMap((words, list) =>
          words.some((each) => text.toLowerCase().includes(each.toLowerCase())) ? [list] : [],
        )
        return JSON.stringify(keywordSearch(lists)(text)) === JSON.stringify(wanted)
      },
    ),
  )
  t.end()
})
