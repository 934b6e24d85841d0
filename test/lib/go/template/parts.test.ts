/** Parts of templates: which there are, and what a function of a field makes of its text. */
import t from 'tap'
import { alloyFunctions } from '../../../../lib/go/template/functions/index.ts'
import { compileTemplate } from '../../../../lib/go/template/gotemplate.ts'

const partsOf = (text: string): unknown[] | undefined =>
  compileTemplate(text, alloyFunctions())
    .parts()
    ?.map((part) => (typeof part === 'string' ? part : [part.name, part.change?.('Ab')]))

void t.test('texts, fields, and functions of one field', (tap) => {
  tap.same(partsOf('a{{ .b }}{{- /* c */ -}} d'), ['a', ['b', undefined], 'd'])
  tap.same(partsOf('{{ .b | ToUpper }}{{ ToLower .c }}'), [
    ['b', 'AB'],
    ['c', 'ab'],
  ])
  tap.same(partsOf('{{ Replace .x "A" "-" -1 | ToUpper | printf "no" | ToLower }}'), undefined)
  tap.same(partsOf('{{ Replace .x "A" "-" -1 | ToUpper }}{{ .y | Hash "salt" | TrimSpace }}'), [
    ['x', '-B'],
    ['y', compileTemplate('{{ Hash "salt" "Ab" }}', alloyFunctions()).execute(new Map())],
  ])
  tap.same(partsOf(''), [])
  tap.end()
})

void t.test('other templates have to be run', (tap) => {
  for (const text of [
    '{{ . }}',
    '{{ .a.b }}',
    '{{ now }}',
    '{{ upper .a }}',
    '{{ Replace .a .b "" -1 }}',
    '{{ ToUpper "a" }}',
    '{{ $x := .a }}',
    '{{ if .a }}b{{ end }}',
    '{{ (ToUpper .a) }}',
    '{{ .a | .b }}',
    '{{ "a" | .b }}',
    '{{ template "x" }}{{ define "x" }}{{ end }}',
  ])
    tap.equal(partsOf(text), undefined, text)
  tap.end()
})

void t.test('what fails on the data throws', (tap) => {
  const [part] = compileTemplate('{{ Replace .a "b" "c" }}', alloyFunctions()).parts() ?? []
  tap.throws(() => (part as { change: (text: string) => string }).change('b'), { code: 'BAD_TEMPLATE' })
  tap.end()
})
