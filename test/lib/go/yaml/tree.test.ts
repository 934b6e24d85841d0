import fc from 'fast-check'
import t from 'tap'
import {
  entryOf,
  parseYaml,
  plainOf,
  type MapNode,
  type Node,
  type ScalarNode,
} from '../../../../lib/go/yaml/tree.ts'

function scalarOf(text: string): ScalarNode {
  const { root } = parseYaml(`a: ${text}\n`)
  return entryOf(root as MapNode, 'a')?.value as ScalarNode
}

function plain(node: Node): unknown {
  if (node.kind === 'scalar') return node.text
  if (node.kind === 'list') return node.items.map(plain)
  return Object.fromEntries(node.entries.map(({ key, value }) => [key, plain(value)]))
}

void t.test('reads scalars by the rules of YAML 1.1', async (t) => {
  const table: [text: string, kind: string, value?: unknown][] = [
    ['~', 'null'],
    ['', 'null'],
    ['Null', 'null'],
    ['yes', 'bool', true],
    ['Off', 'bool', false],
    ['y', 'bool', true],
    ['"yes"', 'text', 'yes'],
    ['!!str yes', 'text', 'yes'],
    ['12', 'int', 12],
    ['-1_000', 'int', -1000],
    ['010', 'int', 8],
    ['0x1F', 'int', 31],
    ['0b101', 'int', 5],
    ['1.5e3', 'float', 1500],
    ['.5', 'float', 0.5],
    ['-.inf', 'float', -Infinity],
    ['99999999999999999999', 'float', 1e20],
    ['1:20', 'text', '1:20'],
    ['2006-01-02', 'text', '2006-01-02'],
    ['09', 'float', 9],
    ['5s', 'text', '5s'],
  ]
  for (const [text, kind, value] of table) {
    const found = plainOf(scalarOf(text))
    t.equal(found.kind, kind, text)
    if (found.kind !== 'null') t.equal(found.value, value, text)
  }
})

void t.test('resolves anchors and merge keys; what is written wins over what is merged', async (t) => {
  const { root, problems } = parseYaml(
    'base: &b {x: 1, y: 2}\nboth:\n  <<: [*b, {z: 3}]\n  y: own\nsame: *b\n',
  )
  t.same(problems, [])
  t.same(plain(root), {
    base: { x: '1', y: '2' },
    both: { y: 'own', x: '1', z: '3' },
    same: { x: '1', y: '2' },
  })
})

void t.test('an empty text is an empty map', async (t) => {
  for (const text of ['', '\n', '# nothing\n', '---\n']) t.same(parseYaml(text), parseYaml(''), text)
  t.same(plain(parseYaml('a: 1\n---\nb: 2\n').root), { a: '1' }, 'only the first document counts')
})

void t.test('tells what is wrong, and where', async (t) => {
  const table: [text: string, message: RegExp, start: number][] = [
    ['a: 1\na: 2\n', /"a" is there twice/, 5],
    ['a: *none\n', /none/, 3],
    ['a: &x [*x]\n', /holds itself/, 6],
    ['a: b: c\n', /Nested mappings/, 3],
    ['<<: 5\n', /<< takes a map/, 4],
    ['[a]: 1\n', /key must be a string/, 0],
  ]
  for (const [text, message, start] of table) {
    const { problems } = parseYaml(text)
    t.equal(problems.length, 1, text)
    t.match(problems[0]?.message, message)
    t.equal(problems[0]?.range.start, start, text)
  }
})

void t.test('stands aliases of aliases and deep nesting', async (t) => {
  const bomb = [...'bcdefgh'].map((name, at) => `${name}: &${name} [${`*${'abcdefgh'[at]},`.repeat(10)}]\n`)
  const { problems } = parseYaml(`a: &a [1]\n${bomb.join('')}`)
  t.equal(problems.length, 1)
  t.match(problems[0]?.message, /too many values/)
  t.match(parseYaml('['.repeat(5_000)).problems[0]?.message, /nested too deeply|Flow sequence/)
})

void t.test('never throws', async (t) => {
  const piece = fc.constantFrom(
    'a',
    ': ',
    '- ',
    '\n',
    '  ',
    '[',
    ']',
    '{',
    '}',
    '&x ',
    '*x',
    '<<',
    '"',
    "'",
    '|',
    '#',
    '!!',
  )
  fc.assert(
    fc.property(fc.array(piece, { maxLength: 40 }), (pieces) => {
      const { root, problems } = parseYaml(pieces.join(''))
      return root !== undefined && Array.isArray(problems)
    }),
  )
  t.pass()
})
