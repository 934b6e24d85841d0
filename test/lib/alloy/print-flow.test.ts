/** Where comments come back between the tokens that are printed. */
import t from 'tap'
import { parseFile } from '../../../lib/alloy/parser.ts'
import { PrintFlow } from '../../../lib/alloy/print-flow.ts'

function flowOf(text: string): PrintFlow {
  return new PrintFlow(parseFile({ name: 'x', text }).file)
}

/** Prints `a = 1` and `b = 2` of a text as two lines. */
function printed(text: string): string {
  const flow = flowOf(text)
  for (const name of ['a', 'b']) {
    if (name === 'b') flow.layout('line')
    flow.token(name, text.indexOf(`${name} =`))
    flow.layout('align')
    flow.token('=', text.indexOf('=', text.indexOf(`${name} =`)))
    flow.layout('blank')
    flow.token(name === 'a' ? '1' : '2', text.indexOf(name === 'a' ? '1' : '2'))
  }
  return flow.finish()
}

void t.test('a comment stands before the token that it stood before', (tap) => {
  const cases: [string, string, string][] = [
    ['none', 'a =    1\nb =  2', 'a = 1\nb = 2'],
    ['on a line of its own', 'a = 1\n// c\nb = 2', 'a = 1\n// c\nb = 2'],
    ['after a value', 'a = 1 // c\nb = 2', 'a = 1 // c\nb = 2'],
    ['at the top', '// c\na = 1\nb = 2', '// c\na = 1\nb = 2'],
    ['within a line', 'a = /* c */ 1\nb = 2', 'a = /* c */ 1\nb = 2'],
    ['at the end', 'a = 1\nb = 2\n// c\n// d', 'a = 1\nb = 2\n// c\n// d'],
    ['more than one empty line is one', 'a = 1\n\n\n\n// c\n\n\n\nb = 2', 'a = 1\n\n// c\n\nb = 2'],
  ]
  for (const [name, text, expected] of cases) tap.equal(printed(text), expected, name)
  tap.end()
})

void t.test('indentation waits for the next token or comment', (tap) => {
  const text = 'a {\n// c\nb\n}'
  const flow = flowOf(text)
  flow.token('a', 0)
  flow.layout('blank')
  flow.token('{', 2)
  flow.layout('indent', 'break')
  flow.token('b', text.indexOf('b'))
  flow.layout('outdent', 'break')
  flow.token('}', text.indexOf('}'))
  tap.equal(flow.finish(), 'a {\n\t// c\n\tb\n}')
  tap.end()
})

void t.test('the lines of a raw string are never indented', (tap) => {
  const flow = flowOf('')
  flow.token('{')
  flow.layout('indent', 'break')
  flow.token('`x\n  y`')
  tap.equal(flow.finish(), '{\n\t`x\n  y`')
  tap.end()
})

void t.test('lines are counted from 1', (tap) => {
  const flow = flowOf('ab\n\ncd')
  tap.same(
    [0, 2, 3, 4, 6, 99].map((offset) => flow.lineOf(offset)),
    [1, 1, 2, 3, 3, 3],
  )
  tap.end()
})
