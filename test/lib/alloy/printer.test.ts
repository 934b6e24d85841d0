/** The recorded output of `alloy fmt`, and what a formatter must never do: change the config or lose a comment. */
import { readFileSync } from 'node:fs'
import fc from 'fast-check'
import t from 'tap'
import { parseFile } from '../../../lib/alloy/parser.ts'
import { printFile } from '../../../lib/alloy/printer.ts'

interface FmtCase {
  name: string
  input: string
  output?: string
  exit?: number
}

const cases = JSON.parse(readFileSync('fixtures/config/fmt.json', 'utf8')) as FmtCase[]

function format(text: string): string {
  const { file, diagnostics } = parseFile({ name: 'x', text })
  if (diagnostics.length > 0) throw new Error(`${diagnostics[0]?.message} in ${JSON.stringify(text)}`)
  return printFile(file)
}

/** The tree without places, and the comments. */
function meaning(text: string): string {
  const { file, diagnostics } = parseFile({ name: 'x', text })
  if (diagnostics.length > 0) return `${diagnostics[0]?.message}`
  const places = new Set(['open', 'close'])
  const body = JSON.stringify(file.body, (key, value: unknown) =>
    places.has(key) || /range$/i.test(key) ? undefined : value,
  )
  return body + file.comments.map((comment) => comment.text).join('\n')
}

void t.test('recorded cases', async (t) => {
  for (const { name, input, output, exit } of cases) {
    const { file, diagnostics } = parseFile({ name: '<stdin>', text: input })
    t.equal(diagnostics.length > 0, exit === 1, name)
    if (output !== undefined) t.equal(printFile(file), output, name)
  }
})

void t.test('layout that the recorded cases leave out', async (t) => {
  const table: [string, string, string][] = [
    ['a comment between two blocks', 'a {}\n// c\nb {}', 'a { }\n\n// c\nb { }\n'.replace('\n\n', '\n')],
    ['a comment in an empty block', 'a {\n// c\n}', 'a {\n\t// c\n}\n'],
    ['a number before a dot', 'a = 1 .b', 'a = 1 .b\n'],
    [
      'a quoted key is quoted anew',
      'a = {"b\\"c" = 1, `d` = 2, "" = 3}',
      'a = {"b\\\\\\"c" = 1, "d" = 2, "" = 3}\n',
    ],
    ['wide characters count once', 'a = "😀" // x\nb = "ab" // y', 'a = "😀"  // x\nb = "ab" // y\n'],
    ['a value on the next line', 'a =\n\n1\nbb = 2', 'a = 1\nbb = 2\n'],
  ]
  for (const [name, input, output] of table) t.equal(format(input), output, name)
})

void t.test('where Alloy damages the config, the config wins', async (t) => {
  const table: [string, string, string][] = [
    ['tabs and blanks in raw strings', 'a = `x\ty  \n\tz  `\nbbb = 1', 'a = `x\ty  \n\tz  `\nbbb = 1\n'],
    ['a call without arguments over two lines', 'a = f(\n)', 'a = f()\n'],
    ['a comment after the last argument', 'a = [\n\tf(\n\t\tx, // c\n\t),\n\tg,\n]\n', ''],
    ['line comments in empty parentheses', 'a = f( // x\n// y\n)(1)', ''],
    ['a comment over two lines in a name', 'a. /* x\n*/ b "l" { }', ''],
  ]
  for (const [name, input, output] of table) {
    const found = format(input)
    if (output !== '') t.equal(found, output, name)
    t.equal(meaning(found), meaning(input), name)
  }
})

void t.test('an object of ten thousand fields on one line', async (t) => {
  const fields = Array.from({ length: 10_000 }, (_, at) => `k${at} = ${at}`).join(', ')
  t.equal(format(`a={${fields}}`), `a = {${fields}}\n`)
})

const name = fc.constantFrom('a', 'bb', 'long_name', 'größe')
const blank = fc.constantFrom('', ' ', '\t', ' /* c */ ')
const lineEnd = fc.constantFrom(
  '\n',
  '\n\n',
  '\n\n\n',
  ' // c\n',
  '\n// c\n// d\n',
  '\n/* e\n f */\n',
  '\r\n',
)
const open = fc.oneof(blank, lineEnd)
const { expression } = fc.letrec<{ expression: string }>((tie) => {
  const list = (first: string, last: string, item: fc.Arbitrary<string>): fc.Arbitrary<string> =>
    fc
      .tuple(fc.array(fc.tuple(open, item, blank), { maxLength: 3 }), open)
      .map(([items, end]) => first + items.map(([a, b, c]) => `${a}${b}${c},`).join('') + end + last)
  const field = fc
    .tuple(fc.oneof(name, fc.constant('"q k"')), blank, tie('expression'))
    .map(([key, gap, value]) => `${key}${gap}=${value}`)
  return {
    expression: fc.oneof(
      { maxDepth: 3, withCrossShrink: true },
      fc.constantFrom('1', '2.5', '"text"', '`r\n\t s  `', 'true', 'a.b', 'null', '-1'),
      list('[', ']', tie('expression')),
      list('f(', ')', tie('expression')),
      list('{', '}', field),
      fc
        .tuple(tie('expression'), blank, fc.constantFrom('+', '==', '^'), open, tie('expression'))
        .map((p) => p.join('')),
      fc.tuple(open, tie('expression'), blank).map((p) => `(${p.join('')})`),
    ),
  }
})

function bodies(
  value: fc.Arbitrary<string>,
  gap: fc.Arbitrary<string>,
  end: fc.Arbitrary<string>,
): fc.Arbitrary<string> {
  const attribute = fc.tuple(gap, name, gap, value, end).map(([a, b, c, d, e]) => `${a}${b}${c}=${c}${d}${e}`)
  const wrap = (inner: fc.Arbitrary<string>): fc.Arbitrary<string> =>
    fc
      .array(
        fc.oneof(
          attribute,
          fc
            .tuple(name, gap, fc.constantFrom('', '"l"'), end, inner, end)
            .map(([a, b, c, d, e, f]) => `${a}${b}${c}{${d}${e}}${f}`),
        ),
        { maxLength: 5 },
      )
      .map((parts) => parts.join(''))
  return wrap(wrap(fc.constant('')))
}

void t.test('the output means the same, with the same comments', async () => {
  fc.assert(
    fc.property(bodies(expression, blank, lineEnd), (text) => meaning(format(text)) === meaning(text)),
    { numRuns: 200 },
  )
})

void t.test('formatting twice is formatting once, where comments stand on lines of their own', async () => {
  const plain = fc.constantFrom(
    '1',
    '"text"',
    'a.b',
    '[1, 2]',
    '[\n1,\n2,\n]',
    '{a = 1, bb = 2}',
    '{\na = 1,\n\nbb = 2,\n}',
    'f(1, 2)',
    '1+2',
  )
  fc.assert(
    fc.property(
      bodies(
        plain,
        fc.constantFrom('', ' ', '\t'),
        fc.constantFrom('\n', '\n\n\n', '\n// c\n// d\n', '\r\n'),
      ),
      (text) => {
        const once = format(text)
        return format(once) === once
      },
    ),
    { numRuns: 200 },
  )
})
