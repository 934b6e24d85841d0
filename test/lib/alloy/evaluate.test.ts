import { readFileSync } from 'node:fs'
import fc from 'fast-check'
import t from 'tap'
import type { Block, Expression } from '../../../lib/alloy/ast.ts'
import { toMap, toStringValue } from '../../../lib/alloy/convert.ts'
import { evaluate, EvaluationError, rangeAt, scopeOf } from '../../../lib/alloy/evaluate.ts'
import { parseExpression, parseFile } from '../../../lib/alloy/parser.ts'
import type { Source } from '../../../lib/alloy/source.ts'
import { standardLibrary } from '../../../lib/alloy/stdlib/index.ts'
import type { Value } from '../../../lib/alloy/value.ts'

const library = standardLibrary({
  stability: 'experimental',
  env: { HOME: '/home/me' },
  hostname: 'host',
  os: 'linux',
  arch: 'amd64',
  version: 'v1.2.3',
})
const secret: Value = { kind: 'secret', text: 's3cret', optional: false }
const optional: Value = { kind: 'secret', text: 'open', optional: true }
const scope = scopeOf(
  new Map<string, Value>([
    ['secret', secret],
    ['optional', optional],
    ['component', new Map([['output', 'x']])],
  ]),
  scopeOf(library),
)

function parsed(text: string): { expression: Expression; source: Source } | undefined {
  const source = { name: 'test', text }
  const { expression, diagnostics } = parseExpression(source)
  return diagnostics.length > 0 ? undefined : { expression, source }
}

function run(text: string): Value {
  const found = parsed(text)
  if (found === undefined) throw new Error(`does not parse: ${text}`)
  return evaluate(found.expression, scope, found.source)
}

/** The message, and the text that it points at. */
function failure(text: string): [string, string] {
  try {
    run(text)
  } catch (error) {
    if (error instanceof EvaluationError)
      return [error.message, text.slice(error.range.start, error.range.end)]
    throw error
  }
  throw new Error(`no error: ${text}`)
}

interface Case {
  readonly name: string
  readonly pipeline: string
  readonly expect_error?: boolean
  readonly expect?: { readonly entries: readonly { readonly labels: Record<string, string> }[] }
}

/** The labels that a pipeline of one stage.static_labels sets; 'error', or 'other' for pipelines of other stages. */
function staticLabels(pipeline: string): Record<string, string> | 'error' | 'other' {
  const source = { name: 'pipeline', text: pipeline }
  const { file, diagnostics } = parseFile(source)
  if (diagnostics.some((d) => d.severity === 'error')) return 'error'
  const blocks = file.body.filter((s): s is Block => s.kind === 'block' && s.name === 'stage.static_labels')
  const values = blocks
    .flatMap((block) => block.body)
    .find((s) => s.kind === 'attribute' && s.name === 'values')
  if (values?.kind !== 'attribute') return 'other'
  try {
    const labels = toMap(evaluate(values.value, scope, source), (v) =>
      v === null ? undefined : toStringValue(v),
    )
    return Object.fromEntries([...labels].filter((pair): pair is [string, string] => pair[1] !== undefined))
  } catch {
    return 'error'
  }
}

for (const file of ['expressions', 'expressions-experimental']) {
  void t.test(`recorded cases: ${file}`, async (t) => {
    const { tests } = JSON.parse(readFileSync(`fixtures/stages/${file}.json`, 'utf8')) as { tests: Case[] }
    let compared = 0
    for (const { name, pipeline, expect, expect_error: fails } of tests) {
      const labels = staticLabels(pipeline)
      if (labels === 'other') continue
      compared++
      if (fails) t.equal(labels, 'error', name)
      else
        t.strictSame(
          labels === 'error' ? labels : { job: 'demo', ...labels },
          expect?.entries[0]?.labels,
          name,
        )
    }
    t.ok(compared > tests.length * 0.9, `${compared} of ${tests.length} cases are about expressions`)
  })
}

void t.test('values', async (t) => {
  const cases: [string, Value][] = [
    ['2 ^ 3 ^ 2', 512n],
    ['-2 ^ 2', 4n],
    ['7 / 2', 3n],
    ['7 / 2.0', 3.5],
    ['"a" + "b"', 'ab'],
    ['{a = {b = 1}}.a.b', 1n],
    ['{a = 1}["b"]', null],
    ['[10, 20][1.9]', 20n],
    ['component.output', 'x'],
    ['sys.env("HOME")', '/home/me'],
    ['string["to_upper"]("a")', 'A'],
    ['constants.arch', 'amd64'],
    ['optional + "!"', 'open!'],
    ['optional == "open"', true],
    ['secret == "s3cret"', true],
    ['string.format("%s", secret)', 's3cret'],
    ['encoding.to_json({a = secret})', '{"a":"s3cret"}'],
    ['convert.nonsensitive(secret)', 's3cret'],
    ['string.to_upper(optional)', 'OPEN'],
    ['string.to_upper == string.to_upper', false],
    ['encoding.from_base64("aGk=") == [104, 105]', true],
    ['string.to_upper(encoding.from_base64("aGk="))', 'HI'],
    ['string.to_upper(array.concat(encoding.from_base64("aGk=")))', 'HI'],
  ]
  for (const [text, value] of cases) t.strictSame(run(text), value, text)
  t.strictSame(run('secret + "x"'), { kind: 'secret', text: 's3cretx', optional: false })
  t.strictSame(run('"x" + secret'), { kind: 'secret', text: 'xs3cret', optional: false })
})

void t.test('an error points at the innermost bad part', async (t) => {
  const cases: [text: string, message: RegExp, at: string][] = [
    ['[1, 1 + "a"]', /"\+" takes two values of one type, found number and string/, '"a"'],
    ['1 + 2 + true', /found bool/, 'true'],
    ['{a = true} - 1', /found object/, '{a = true}'],
    ['1 + (5 / (3 - 3))', /division by zero/, '(3 - 3)'],
    ['false && (1 / 0 == 1)', /division by zero/, '0'],
    ['!5', /takes a bool, found number/, '5'],
    ['{a = 1}.b', /field "b" does not exist/, 'b'],
    ['string.to_uper("a")', /field "to_uper" does not exist; did you mean "to_upper"\?/, 'to_uper'],
    ['strng.format("a")', /"strng" does not exist or is out of scope; did you mean "string"\?/, 'strng'],
    ['[1, 2][2]', /index 2 is out of range of an array of length 2/, '2'],
    ['[1, 2][-1]', /index -1 is out of range/, '-1'],
    ['[1]["a"]', /expected number, found string/, '"a"'],
    ['{a = 1}[0]', /expected string, found number/, '0'],
    ['"abc".length', /expected object, found string/, '"abc"'],
    ['"abc"[0]', /expected array or object, found string/, '"abc"'],
    ['"a"("b")', /expected function, found string/, '"a"'],
    ['string.replace("a", "b")', /string.replace takes 3 arguments, found 2/, 'string.replace'],
    ['string.to_upper([1])', /expected string, found array/, '[1]'],
    ['string.join([1, ([2])], ",")', /expected string, found array/, '([2])'],
    ['array.group_by([{t = 5}], "t", true)', /expected string, found number/, '5'],
    ['array.combine_maps([1], [], ["k"])', /expected object, found number/, '1'],
    ['string.to_upper(secret)', /convert\.nonsensitive/, 'secret'],
    ['encoding.from_json("{a}")', /expected a key in double quotes, found "a"/, 'encoding.from_json'],
    ['null.a', /found null/, 'null'],
  ]
  for (const [text, message, at] of cases) {
    const [found, place] = failure(text)
    t.match(found, message, text)
    t.equal(place, at, text)
  }
})

void t.test('experimental functions need the stability level', async (t) => {
  const stable = standardLibrary({
    stability: 'generally-available',
    env: {},
    hostname: '',
    os: '',
    arch: '',
    version: '',
  })
  const found = parsed('array["group_by"]([], "t", true)')!
  t.throws(() => evaluate(found.expression, scopeOf(stable), found.source), /--stability.level=experimental/)
})

void t.test('rangeAt goes as far as the literal does', async (t) => {
  const text = '{a = [1, {"b" = 2}], c = d}'
  const { expression } = parsed(text)!
  const at = (...path: (string | number)[]): string => {
    const { start, end } = rangeAt(expression, path)
    return text.slice(start, end)
  }
  t.equal(at('a', 1, 'b'), '2')
  t.equal(at('c', 'x', 0), 'd')
  t.equal(at(), text)
})

void t.test('whatever parses gives a value or an EvaluationError', async (t) => {
  const names = [...library].flatMap(([name, value]) => {
    return value instanceof Map ? Array.from(value.keys(), (key) => `${name}.${String(key)}`) : [name]
  })
  const leaf = fc.oneof(
    fc.constantFrom(
      'null',
      'true',
      'false',
      '[]',
      '{}',
      'secret',
      'optional',
      'nope',
      '0',
      '1.5',
      '9223372036854775807',
    ),
    fc.integer().map(String),
    fc.double({ noNaN: true, noDefaultInfinity: true }).map(String),
    fc.string().map((text) => JSON.stringify(text)),
    fc.constantFrom(
      '"%v|%5.2f|%[2]q|%*d|%#x"',
      '"$..[?(@.a > 1)].b"',
      '"a: [1, &x 2, *x]"',
      '"{\\"a\\": [1e5]}"',
    ),
    fc.constantFrom(...names),
  )
  const { expression } = fc.letrec<{ expression: string }>((tie) => ({
    expression: fc.oneof(
      { maxDepth: 5 },
      leaf,
      fc
        .tuple(
          tie('expression'),
          fc.constantFrom(...'+-*/%^<>', '==', '!=', '&&', '||', '<=', '>='),
          tie('expression'),
        )
        .map(([a, operator, b]) => `(${a}) ${operator} (${b})`),
      fc.array(tie('expression'), { maxLength: 4 }).map((list) => `[${list.join(', ')}]`),
      fc
        .array(tie('expression'), { maxLength: 3 })
        .map((list) => `{${list.map((e, i) => `k${i} = ${e}`).join(', ')}}`),
      fc.tuple(tie('expression'), tie('expression')).map(([a, b]) => `(${a})[${b}]`),
      fc.tuple(fc.constantFrom('!', '-'), tie('expression')).map(([operator, a]) => `${operator}(${a})`),
      fc
        .tuple(fc.constantFrom(...names), fc.array(tie('expression'), { maxLength: 4 }))
        .map(([name, args]) => `${name}(${args.join(', ')})`),
    ),
  }))
  let values = 0
  fc.assert(
    fc.property(expression, (text) => {
      const found = parsed(text)
      if (found === undefined) return
      try {
        evaluate(found.expression, scope, found.source)
        values++
      } catch (error) {
        if (!(error instanceof EvaluationError)) throw error
      }
    }),
    { numRuns: 400 },
  )
  t.ok(values > 20, `${values} of them had a value`)
})
