import t from 'tap'
import { errorAt, placeOf } from '../../../../lib/alloy/diagnostic.ts'
import { joinTexts } from '../../../../lib/run/modules/config-text.ts'

const text = (name: string, content: string) => ({ source: { name, text: content }, modulePath: '/' })

void t.test('one text stays as it is', (tap) => {
  const one = text('a', 'x')
  tap.equal(joinTexts([one]).source, one.source)
  const found = errorAt(one.source, { start: 0, end: 1 }, 'bad')
  tap.equal(joinTexts([one]).inItsFile(found), found)
  tap.equal(joinTexts([]).source.text, '')
  tap.end()
})

void t.test('a place in several texts leads back into its own file', (tap) => {
  const texts = [text('a', 'one\ntwo'), text('b', ''), text('c', 'three\n  four\n')]
  const { source, inItsFile } = joinTexts(texts)
  for (const [word, place] of [
    ['one', 'a:1:1'],
    ['two', 'a:2:1'],
    ['three', 'c:1:1'],
    ['four', 'c:2:3'],
  ] as const) {
    const start = source.text.indexOf(word)
    const found = inItsFile(errorAt(source, { start, end: source.text.length }, 'bad'))
    tap.equal(placeOf(found), place)
    tap.equal(found.source.text.slice(found.range.start).startsWith(word), true)
    tap.ok(found.range.end <= found.source.text.length, 'the range ends in its file')
  }
  const other = errorAt({ name: 'module', text: 'x' }, { start: 0, end: 1 }, 'bad')
  tap.equal(inItsFile(other), other, 'modules are files of their own')
  tap.end()
})
