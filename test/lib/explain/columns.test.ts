import t from 'tap'
import { blanksFor, caretsFor, visible } from '../../../lib/explain/columns.ts'

void t.test('as wide as the text is on a terminal', (tap) => {
  const widths: [string, number][] = [
    ['abc', 3],
    ['äöü', 3],
    ['\u{1d4b3}', 1],
    ['😀', 2],
    ['日本', 4],
    ['한', 2],
    ['ｆ', 2],
    ['e\u0301', 1],
    ['\u200bx', 1],
    ['', 0],
  ]
  for (const [text, width] of widths) {
    tap.equal(blanksFor(text), ' '.repeat(width), text)
    tap.equal(caretsFor(text), '^'.repeat(Math.max(1, width)), text)
  }
  tap.equal(blanksFor('a\tb'), ' \t ', 'a tab stays one')
  tap.equal(caretsFor('\t'), '^')
  tap.end()
})

void t.test('control characters are shown, and do nothing', (tap) => {
  tap.equal(visible('a\tb\u001b[31m\u009b\r\n'), 'a\tb\u{fffd}[31m\u{fffd}\u{fffd}\u{fffd}')
  tap.end()
})
