import fc from 'fast-check'
import t from 'tap'
import { lineAt, positionAt } from '../../../lib/alloy/source.ts'

void t.test('places count lines and characters from 1', (tap) => {
  const source = { name: 'x', text: 'ab\n\n\u{1F600}\tc\r\nend' }
  const cases: [string, number, number, number, string][] = [
    ['the start', 0, 1, 1, 'ab'],
    ['a line end belongs to its line', 2, 1, 3, 'ab'],
    ['an empty line', 3, 2, 1, ''],
    ['after a character of two units', 6, 3, 2, '\u{1F600}\tc'],
    ['a tab is one character', 7, 3, 3, '\u{1F600}\tc'],
    ['the last line', 10, 4, 1, 'end'],
    ['far beyond the end', 99, 4, 4, 'end'],
  ]
  for (const [name, offset, line, column, text] of cases) {
    tap.same(positionAt(source, offset), { line, column }, name)
    tap.equal(lineAt(source, Math.min(offset, source.text.length)), text, `${name}: its line`)
  }
  tap.end()
})

void t.test('a place leads back to its character', (tap) => {
  const text = fc.string({ unit: fc.constantFrom('a', '\n', '\t', 'é', '\u{1F600}') })
  fc.assert(
    fc.property(text, (content) => {
      const lines = content.split('\n').map((line) => [...line])
      let offset = 0
      for (const char of content) {
        const { line, column } = positionAt({ name: 'x', text: content }, offset)
        if ((lines[line - 1]![column - 1] ?? '\n') !== char) return false
        offset += char.length
      }
      return true
    }),
  )
  tap.pass()
  tap.end()
})
