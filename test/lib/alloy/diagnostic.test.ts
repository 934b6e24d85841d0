/** How findings are shown: place, line and carets. */
import t from 'tap'
import { errorAt, inTextOrder, placeOf, printDiagnostic, warningAt } from '../../../lib/alloy/diagnostic.ts'

function print(text: string, start: number, end: number): string[] {
  return printDiagnostic(errorAt({ name: 'f', text }, { start, end }, 'bad')).split('\n')
}

void t.test('carets stand under the range', async (t) => {
  const cases: [string, string, number, number, string[]][] = [
    ['one word', 'a = bcd + e', 4, 7, ['f:1:5: error: bad', '1 | a = bcd + e', '  |     ^^^']],
    ['a tab stays a tab', '\t\ta = b', 6, 7, ['f:1:7: error: bad', '1 | \t\ta = b', '  | \t\t    ^']],
    ['up to the line end', 'ab\ncd\nef', 4, 8, ['f:2:2: error: bad', '2 | cd', '  |  ^']],
    ['the end of the file', 'a {\n', 4, 4, ['f:2:1: error: bad', '2 | ', '  | ^']],
    ['after the last character', 'abc', 3, 3, ['f:1:4: error: bad', '1 | abc', '  |    ^']],
    ['a line end', 'a\nb', 1, 2, ['f:1:2: error: bad', '1 | a', '  |  ^']],
    ['characters, not UTF-16 units', '"😀" 😀', 5, 7, ['f:1:5: error: bad', '1 | "😀" 😀', '  |     ^']],
    ['windows line ends', 'a\r\nbc\r\n', 3, 5, ['f:2:1: error: bad', '2 | bc', '  | ^^']],
  ]
  for (const [name, text, start, end, expected] of cases)
    t.strictSame(print(text, start, end), expected, name)
})

void t.test('the gutter is as wide as the number', async (t) => {
  const [, line, carets] = print('\n'.repeat(99) + 'x', 99, 100)
  t.equal(line, '100 | x')
  t.equal(carets, '    | ^')
})

void t.test('warnings say so, and places can be linked', async (t) => {
  const warning = warningAt({ name: 'dir/c.alloy', text: 'a\nb' }, { start: 2, end: 3 }, 'old')
  t.equal(placeOf(warning), 'dir/c.alloy:2:1')
  t.match(printDiagnostic(warning), 'dir/c.alloy:2:1: warning: old')
})

void t.test('in the order of the text, the config before its modules', async (t) => {
  const [config, module] = [
    { name: 'config', text: 'abc' },
    { name: 'module', text: 'abc' },
  ]
  const found = [
    errorAt(module, { start: 1, end: 2 }, 'm1'),
    errorAt(config, { start: 2, end: 3 }, 'c2'),
    errorAt(module, { start: 0, end: 1 }, 'm0'),
    warningAt(config, { start: 0, end: 1 }, 'c0'),
    errorAt(config, { start: 2, end: 3 }, 'c2 again'),
  ]
  t.strictSame(
    inTextOrder(found, config).map(({ message }) => message),
    ['c0', 'c2', 'c2 again', 'm0', 'm1'],
  )
})
