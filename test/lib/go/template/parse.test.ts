/** The tree of a template, and what is refused. */
import t from 'tap'
import { parse } from '../../../../lib/go/template/parse.ts'
import type { TemplateTree } from '../../../../lib/go/template/tree.ts'

function tree(text: string): TemplateTree {
  return parse(text, (name) => name === 'f', 'main')
}

function startingWith(text: string): RegExp {
  return new RegExp(`^${text.replace(/[\\^$.*+?()[\]{}|]/g, '\\$&')}`)
}

void t.test('nodes and where they start', async (t) => {
  const [before, action, branch] = tree('ab{{ .x | f 1 }}{{ if $y := . }}{{ $y.z }}{{ end }}').root
  t.match(before, { kind: 'text', text: 'ab', at: 0 })
  t.match(action, {
    kind: 'action',
    at: 5,
    pipeline: {
      commands: [
        { operands: [{ kind: 'field', names: ['x'], at: 5 }] },
        {
          operands: [
            { kind: 'function', name: 'f' },
            { kind: 'number', integer: 1n, float: 1 },
          ],
        },
      ],
    },
  })
  t.match(branch, {
    kind: 'if',
    pipeline: { declares: ['$y'], assigns: false },
    body: [{ kind: 'action', pipeline: { commands: [{ operands: [{ kind: 'variable', names: ['z'] }] }] } }],
    otherwise: undefined,
  })
})

void t.test('else if is a branch within the branch', async (t) => {
  t.match(tree('{{ if . }}a{{ else if f }}b{{ else }}c{{ end }}').root, [
    { kind: 'if', otherwise: [{ kind: 'if', body: [{ text: 'b' }], otherwise: [{ text: 'c' }] }] },
  ])
})

void t.test('define and block give names, the template itself has one too', async (t) => {
  const { defined, root } = tree('{{ define "a" }}A{{ end }}x{{ block "b" . }}B{{ end }}')
  t.strictSame([...defined.keys()].toSorted(), ['a', 'b', 'main'])
  t.match(root, [
    { kind: 'text', text: 'x' },
    { kind: 'template', name: 'b' },
  ])
})

void t.test('trim markers take the white space beside them', async (t) => {
  t.match(tree('a \n{{- . -}}\t b{{/* c */ -}} d').root, [
    { text: 'a' },
    { kind: 'action' },
    { text: 'b' },
    { text: 'd' },
  ])
})

void t.test('refusals', async (t) => {
  const cases: [string, string][] = [
    ['{{', '1:1: unclosed action'],
    ['a{{ "b', '1:5: unterminated quoted string'],
    ['{{/* x', '1:1: unclosed comment'],
    ['{{/* x */ }}', '1:1: comment ends before the closing delimiter'],
    ['{{ (. }}', '1:7: unclosed left paren'],
    ['{{ . ) }}', '1:6: unexpected right paren'],
    ['{{ }}', '1:4: missing value for command'],
    ['{{ 1a }}', '1:4: bad number syntax: "1a"'],
    ['{{ nope }}', '1:4: function "nope" not defined'],
    ['{{ "a".b }}', '1:7: unexpected . after a constant'],
    ['{{ f | 1 }}', '1:8: a constant cannot take the value of a pipeline'],
    ['{{ $x, $y := f }}', '1:4: too many declarations in command'],
    ['{{ break }}', '1:4: {{break}} outside {{range}}'],
    ['{{ range . }}{{ define "x" }}{{ end }}{{ end }}', '1:17: unexpected {{define}} in command'],
    ['{{ define "x" }}a{{ end }}{{ define "x" }}b{{ end }}', '1:43: template "x" is defined twice'],
    ['{{ if . }}{{ else }}{{ else }}{{ end }}', '1:24: expected {{end}}, found a second {{else}}'],
    ['{{ template . }}', '1:13: unexpected "." in template clause'],
    ['é\n\n {{ f ; }}', '3:7: unexpected ";" in operand'],
  ]
  for (const [text, message] of cases) {
    t.throws(() => tree(text), { code: 'BAD_TEMPLATE', message: startingWith(`template ${message}`) }, text)
  }
})
