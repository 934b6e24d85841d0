/** The tree that a text gives, the errors with their places, and that no text can break the parser. */
import { readdirSync, readFileSync } from 'node:fs'
import fc from 'fast-check'
import t from 'tap'
import type { Expression, Statement } from '../../../lib/alloy/ast.ts'
import { placeOf } from '../../../lib/alloy/diagnostic.ts'
import { maxHeight, maxNesting } from '../../../lib/alloy/limits.ts'
import { parseExpression, parseFile } from '../../../lib/alloy/parser.ts'
import { anyText } from '../../support/any-text.ts'

/** The expression with every operation in parentheses. */
function shown(e: Expression): string {
  switch (e.kind) {
    case 'literal':
      return e.raw
    case 'identifier':
      return e.name
    case 'array':
      return `[${e.elements.map(shown).join(' ')}]`
    case 'object':
      return `{${e.fields.map((f) => `${f.quoted ? 'q:' : ''}${f.name}=${shown(f.value)}`).join(' ')}}`
    case 'access':
      return `${shown(e.value)}.${e.name}`
    case 'index':
      return `${shown(e.value)}[${shown(e.index)}]`
    case 'call':
      return `${shown(e.value)}(${e.args.map(shown).join(' ')})`
    case 'unary':
      return `(${e.operator}${shown(e.value)})`
    case 'binary':
      return `(${shown(e.left)} ${e.operator} ${shown(e.right)})`
    case 'paren':
      return `<${shown(e.value)}>`
  }
}

function outline(statement: Statement): unknown {
  if (statement.kind === 'attribute') return `${statement.name} = ${shown(statement.value)}`
  const { name, label, body } = statement
  return [label === undefined ? name : `${name} ${label}`, ...body.map(outline)]
}

function errors(text: string): string[] {
  return parseFile({ name: 'f', text }).diagnostics.map((d) => `${placeOf(d).slice(2)} ${d.message}`)
}

void t.test('expressions and precedence', async (t) => {
  const cases: [string, string][] = [
    ['1 + 2 * 3 - 4', '((1 + (2 * 3)) - 4)'],
    ['2 ^ 3 ^ 2', '(2 ^ (3 ^ 2))'],
    ['-2 ^ 2', '((-2) ^ 2)'],
    ['2 ^ -1', '(2 ^ (-1))'],
    ['!a && b || c', '(((!a) && b) || c)'],
    ['a || b && c', '(a || (b && c))'],
    ['1 < 2 < 3', '((1 < 2) < 3)'],
    ['a == b + 1 % 2', '(a == (b + (1 % 2)))'],
    ['- - 1', '(-(-1))'],
    ['(1 + 2) * 3', '(<(1 + 2)> * 3)'],
    ['a.b.c[0].d("x",)', 'a.b.c[0].d("x")'],
    ['-a.b(1)[2]', '(-a.b(1)[2])'],
    ['[1, [2], ]', '[1 [2]]'],
    ['{a = 1, "b c" = 2, `d` = 3, "" = 4, "a\\"b" = 5,}', '{a=1 q:b c=2 q:d=3 ""=4 q:a\\"b=5}'],
    ['f(\n  1,\n  2,\n)', 'f(1 2)'],
    ['true', 'true'],
    ['`raw`', '`raw`'],
  ]
  for (const [text, expected] of cases) {
    const { expression, diagnostics } = parseExpression({ name: 'x', text })
    t.strictSame(diagnostics, [])
    t.equal(shown(expression), expected)
    t.strictSame(expression.range, { start: 0, end: text.length }, 'the range is the whole text')
  }
})

void t.test('one expression and nothing else', async (t) => {
  for (const text of ['', '1 2', '1\n2', 'a = 1', '(', 'a.', ')']) {
    t.ok(parseExpression({ name: 'x', text }).diagnostics.length > 0, JSON.stringify(text))
  }
})

void t.test('files', async (t) => {
  const text = 'a = 1\nb.c "l" { d = 2 }\ne "" {\n  f { }\n}\n'
  const { file, diagnostics } = parseFile({ name: 'x', text })
  t.strictSame(diagnostics, [])
  t.strictSame(file.body.map(outline), ['a = 1', ['b.c l', 'd = 2'], ['e', ['f']]])
  const block = file.body[1]
  const cut = (range?: { start: number; end: number }): string => text.slice(range?.start, range?.end)
  if (block?.kind !== 'block') throw new Error('expected a block')
  t.strictSame([block.nameRange, block.labelRange, block.open, block.close, block.range].map(cut), [
    'b.c',
    '"l"',
    '{',
    '}',
    'b.c "l" { d = 2 }',
  ])
})

void t.test('errors with their places; parsing goes on', async (t) => {
  const cases: [string, string[]][] = [
    ['x {\n"a" = 1\n}\n', ['2:1 expected the name']],
    [
      'x {\n  a = 1,\n  b = ]\n}\n',
      ['2:8 expected the end of the line after the statement, found ","; remove it', '3:7 expected a value'],
    ],
    [
      'x {\n  y { a = 1 b = 2 }\n}\nc = ]\n',
      [
        '2:13 expected the end of the line after the statement, found the name b; start a new line',
        '4:5 expected a value',
      ],
    ],
    [
      'x {\n  y {\n    a = 1\n}\n',
      [
        '5:1 expected "}" to close the block opened on line 1 (or rather that of line 2: the next "}" is indented differently)',
      ],
    ],
    ['a {\n b = \n}\nc = ]\n', ['3:1 expected a value, found "}"', '4:5 expected a value, found "]"']],
    ['a {\n  b = 1\n', ['3:1 expected "}" to close the block opened on line 1, found the end of the file']],
    ['a = 1 b = 2', ['1:7 expected the end of the line after the statement, found the name b']],
    ['a = 0x1F', ['1:6 expected the end of the line']],
    ['a = [\n1\n2\n]\n', ['2:2 expected "," or "]"', '3:2 expected "," or "]"']],
    ['a = {b = 1\n}\n', ['1:11 expected "," or "}"']],
    ['a = {1 = 2}', ['1:6 expected the name of a field']],
    ['a = {b 2}', ['1:8 expected "=" after the name of the field']],
    ['a {\n}\n}\n', ['3:1 expected the name of an attribute or a block, found "}"']],
    ['a b {\n}\n', ['1:3 expected a label in double quotes']],
    ['a "b c" {\n}\n', ['1:3 expected a label of letters']],
    ['a "null" { }', ['1:3 expected a label of letters']],
    ['a `b` { }', ['1:3 expected a label in double quotes, found the raw string']],
    ['a.b = 1', ['1:1 an attribute is named by one identifier']],
    ['a "b" = 1', ['1:3 an attribute has no label']],
    ['a. = 1', ['1:4 expected a name after "."']],
    ['a\nb = ]\n', ['1:2 expected a label in double quotes, "=" or "{"', '2:5 expected a value']],
    ['a.b\n', ['1:4 expected a label']],
    ['a = b.true\n', ['1:7 expected a name after ".", found true']],
    ['a = b[1\n', ['1:8 expected "]" after the index']],
    ['a = f(1\n', ['1:8 expected "," or ")"', '2:1 expected ")" after the arguments']],
    ['a = (1\n', ['1:7 expected ")" to close the parentheses']],
    ['a = [,]', ['1:6 expected a value, found ","']],
    ['a = [1,,2]', ['1:8 expected a value, found ","']],
    ['a = b.c "l" {\n d = 1\n}\nb = \n', ['1:5 a block cannot be the value', '5:1 expected a value']],
    ['a = b "c" "d"\ne = \n', ['1:11 expected "{" or the end of the line', '3:1 expected a value']],
    ['a = b {\n', ['2:1 expected "}" to close the block opened on line 1']],
    ['a = 1 +\nb = 2\nc = ]\n', ['2:3 expected the end of the line', '3:5 expected a value, found "]"']],
    ['@ = 2', ['1:1 the character "@"', '1:1 expected the name of an attribute or a block']],
    ['a = "x\nb = 1\n', ['1:5 the string is not closed']],
  ]
  for (const [text, expected] of cases) {
    const found = errors(text)
    for (const [at, start] of expected.entries()) t.match(found[at], start, JSON.stringify(text))
    t.equal(found.length, expected.length, `${JSON.stringify(text)} ${found.join('; ')}`)
  }
})

void t.test('a range covers what is wrong', async (t) => {
  const text = 'ok = 1\nsome.name = 2\n'
  const [diagnostic] = parseFile({ name: 'f', text }).diagnostics
  t.equal(text.slice(diagnostic?.range.start, diagnostic?.range.end), 'some.name')
})

void t.test('deep nesting and long chains are refused, once', async (t) => {
  const shapes: [string, string][] = [
    ['(', ')'],
    ['[', ']'],
    ['{a = ', '}'],
    ['f(', ')'],
    ['-', ''],
    ['1 ^ ', ''],
    ['1 + ', ''],
    ['1 || 1 && 1 == 1 + 1 * (', ')'],
  ]
  for (const [open, close] of shapes) {
    const nest = (depth: number): string => `a = ${open.repeat(depth)}1${close.repeat(depth)}`
    t.strictSame(errors(nest(30)), [], open)
    const found = errors(nest(5_000))
    t.equal(found.length, 1, open)
    t.match(found[0], /expected at most \d+ levels of nesting/)
  }
  t.match(errors(`a = b${'.c'.repeat(maxHeight + 1)}`), [`expected at most ${maxHeight} levels`])
  t.match(errors('b {\n'.repeat(maxNesting + 1)), [`expected at most ${maxNesting} levels`])
  t.strictSame(errors('b {\n'.repeat(100) + '}\n'.repeat(100)), [])
})

interface StageFile {
  tests: { name: string; pipeline: string; expect?: { entries?: unknown[] } }[]
}

const pipelines = readdirSync('fixtures/stages')
  .filter((name) => name.endsWith('.json'))
  .flatMap((name) => (JSON.parse(readFileSync(`fixtures/stages/${name}`, 'utf8')) as StageFile).tests)

void t.test('every recorded pipeline that Alloy runs parses', async (t) => {
  const good = pipelines.filter((test) => test.expect?.entries !== undefined)
  t.ok(good.length > 800)
  for (const { name, pipeline } of good) {
    const text = `loki.process "x" {\n  forward_to = []\n${pipeline}\n}\n`
    const { file, diagnostics } = parseFile({ name, text })
    if (diagnostics.length > 0 || file.body.length !== 1) t.fail(`${name}: ${diagnostics[0]?.message}`)
  }
})

void t.test('no text makes the parser throw, and every range lies in the text', async () => {
  const pieces = fc.constantFrom(
    ...[
      'a',
      '.',
      '=',
      '{',
      '}',
      '(',
      ')',
      '[',
      ']',
      ',',
      '"x"',
      '"',
      '`',
      "'",
      '1',
      '2.5',
      '\n',
      '\\',
      '// c',
      '/* c */',
      '/*',
    ],
    ...['&&', '|', '!', '-', '^', '@', '\0', '\uFEFF', 'true', 'null', 'b "l" {\n', 'a = '],
  )
  const soup = fc.array(pieces, { maxLength: 40 }).map((parts) => parts.join(''))
  const mutated = fc
    .tuple(
      fc.constantFrom(...pipelines.slice(0, 200).map((test) => test.pipeline)),
      fc.nat(),
      fc.nat(20),
      pieces,
    )
    .map(([text, at, cut, piece]) => {
      const place = at % (text.length + 1)
      return text.slice(0, place) + piece + text.slice(place + cut)
    })
  fc.assert(
    fc.property(fc.oneof(anyText(), soup, mutated), (text) => {
      const { diagnostics } = parseFile({ name: 'f', text })
      parseExpression({ name: 'f', text })
      return diagnostics.every(
        ({ range }) => 0 <= range.start && range.start <= range.end && range.end <= text.length,
      )
    }),
    { numRuns: 200 },
  )
})
