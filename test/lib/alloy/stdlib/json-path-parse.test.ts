/** The steps that a JSON path has, and which operator of a filter binds tighter. */
import t from 'tap'
import { parsePath } from '../../../../lib/alloy/stdlib/json-path-parse.ts'
import { functions, operators, type Equation } from '../../../../lib/alloy/stdlib/json-path-tree.ts'
import { ValueError } from '../../../../lib/alloy/value.ts'

void t.test('steps', (tap) => {
  const cases: [string, unknown[]][] = [
    ['', []],
    ['$', [{ kind: 'root' }]],
    ['@.a', [{ kind: 'self' }, { kind: 'child', name: 'a' }]],
    [
      'a.b',
      [
        { kind: 'child', name: 'a' },
        { kind: 'child', name: 'b' },
      ],
    ],
    ['$.*', [{ kind: 'root' }, { kind: 'wildcard' }]],
    ['$..a', [{ kind: 'root' }, { kind: 'descent' }, { kind: 'child', name: 'a' }]],
    ['[ -1 ]', [{ kind: 'nth', index: -1 }]],
    ['["a b"]', [{ kind: 'child', name: 'a b' }]],
    ["['\\u00e9\\x41\\n']", [{ kind: 'child', name: 'éA\n' }]],
    ['["a", 2]', [{ kind: 'union', items: ['a', 2] }]],
    ['[:]', [{ kind: 'slice', start: 0, end: undefined, step: 1 }]],
    ['[1:]', [{ kind: 'slice', start: 1, end: undefined, step: 1 }]],
    ['[1:-2:3]', [{ kind: 'slice', start: 1, end: -2, step: 3 }]],
    ['[::2]', [{ kind: 'slice', start: 0, end: undefined, step: 2 }]],
  ]
  for (const [text, path] of cases) tap.strictSame(parsePath(text), path, text)
  tap.end()
})

/** A filter with each operation in parentheses. */
function shown(equation: Equation): string {
  switch (equation.kind) {
    case 'binary':
      return `(${shown(equation.left)} ${equation.operator} ${shown(equation.right)})`
    case 'constant':
      return `${equation.value as string | number | bigint | boolean}`
    case 'path':
      return equation.path.map((step) => (step.kind === 'child' ? step.name : '@')).join('.')
    case 'not':
      return `!${shown(equation.of)}`
    case 'group':
      return `[${shown(equation.of)}]`
    case 'call':
      return `${equation.name}${equation.args.map(shown).join()}`
    default:
      return equation.kind
  }
}

void t.test('operators of a filter', (tap) => {
  const cases: [string, string][] = [
    ['1 + 2 * 3', '(1 + (2 * 3))'],
    ['1 * 2 + 3', '((1 * 2) + 3)'],
    ['1 - 2 - 3', '((1 - 2) - 3)'],
    ['@.a + 1 < 2 && 3 > 1', '(((@.a + 1) < 2) && (3 > 1))'],
    ['true || false && null', '((true || false) && null)'],
    ['!@.a && true', '!(@.a && true)'],
    ['(1 + 2) * 3', '([(1 + 2)] * 3)'],
    ['length(@.a) >= 2', '(length@.a >= 2)'],
    ['search(@.a, "x")', 'search@.a,x'],
    ['@.a in [1, "b"]', '(@.a in list)'],
    ['@.a =~ /b\\/c/', '(@.a =~ regex)'],
    ['@.a exists true', '(@.a exists true)'],
    ['1.5e1 == -2', '(15 == -2)'],
    ['(@.a)', '@.a'],
  ]
  for (const [text, tree] of cases) {
    const [step] = parsePath(`[?${text}]`)
    tap.equal(step?.kind === 'filter' ? shown(step.equation) : '', tree, text)
  }
  tap.end()
})

void t.test('a mistake is told with its place', (tap) => {
  const cases: [string, number, RegExp][] = [
    ['$.a.', 5, /not terminated/],
    ['$.a[?(@.b ! 1)]', 11, /expected an operator/],
    ['$[1:x]', 5, /expected an index/],
    ['$["\\u12"]', 6, /bad escape \\u/],
    ['$[?@.a =~ /(/]', 14, /missing/],
  ]
  for (const [text, at, message] of cases) {
    tap.throws(() => parsePath(text), { constructor: ValueError, message }, text)
    tap.throws(() => parsePath(text), { message: new RegExp(`at character ${at}: `) }, text)
  }
  tap.end()
})

void t.test('every operator and function of the table is read', (tap) => {
  for (const operator of operators) {
    const [step] = parsePath(`[?1 ${operator} 2]`)
    tap.match(step, { kind: 'filter', equation: { kind: 'binary', operator } }, operator)
  }
  for (const [name, count] of Object.entries(functions)) {
    const [step] = parsePath(`[?${name}(${Array.from({ length: count }, () => '@').join()})]`)
    tap.match(step, { kind: 'filter', equation: { kind: 'call', name, args: { length: count } } }, name)
    if (count > 1) tap.throws(() => parsePath(`[?${name}(@)]`), { message: /expected ","/ })
  }
  tap.end()
})
