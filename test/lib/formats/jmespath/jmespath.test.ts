import { readFileSync } from 'node:fs'
import fc from 'fast-check'
import t from 'tap'
import { LogstreamError } from '../../../../lib/errors.ts'
import { marshalSorted } from '../../../../lib/go/json/writer.ts'
import { compileJmespath } from '../../../../lib/formats/jmespath/jmespath.ts'

interface Recorded {
  data: unknown
  /** `result` is JSON text, null where the evaluation failed; NONFINITE stands for infinity and NaN. */
  cases: { expression: string; compiles: boolean; result: string | null }[]
}
const { data, cases } = JSON.parse(readFileSync('fixtures/formats/jmespath.json', 'utf8')) as Recorded

function show(value: unknown): string | null {
  if (value === undefined) return null
  return typeof value === 'number' && !Number.isFinite(value) ? 'NONFINITE' : (marshalSorted(value) ?? null)
}

void t.test('finds what go-jmespath finds', async (t) => {
  for (const { expression, compiles, result } of cases) {
    const name = encodeURI(expression)
    if (!compiles) t.throws(() => compileJmespath(expression), { code: 'BAD_ARGUMENT' }, name)
    else t.equal(show(compileJmespath(expression)(data)), result === 'UNMARSHALABLE' ? null : result, name)
  }
})

void t.test('divisions by zero are infinite', async (t) => {
  t.equal(compileJmespath('n / z')(data), Infinity)
  t.equal(compileJmespath('-n / z')(data), -Infinity)
  t.ok(Number.isNaN(compileJmespath('let $x = z in n % $x')(data)))
})

void t.test('where go-jmespath panics, the lookup fails', async (t) => {
  for (const expression of [
    'contains(nested, `[3]`)',
    'contains([a], a)',
    "find_first('abc', 'a', `5`)",
    "find_last('abc', 'a', `2`, `1`)",
    'let $x in n',
  ])
    t.equal(compileJmespath(expression)(data), undefined, expression)
  t.equal(compileJmespath("pad_left('a', `1e9`)")(data), undefined, 'nor does it eat the memory')
})

void t.test('errors say what was wrong', async (t) => {
  t.throws(
    () => compileJmespath('b['),
    /bad JMESPath expression "b\[" at character 3: expected "\*".*write an expression such as/,
  )
  t.throws(() => compileJmespath("a || 'un"), /a quote is not closed/)
  t.throws(() => compileJmespath('a ? b : c'), /there is no a \? b : c; write a && b \|\| c/)
})

void t.test('paths take own fields of objects only', async (t) => {
  for (const expression of ['constructor', 'a.__proto__', 'length', '"0"']) {
    for (const value of [{ a: {} }, null, [1], 'text', 5])
      t.equal(compileJmespath(expression)(value), null, expression)
  }
  t.equal(compileJmespath('"__proto__".x')(JSON.parse('{"__proto__":{"x":1}}')), 1)
})

void t.test('compiling throws nothing but our error, looking up throws nothing', async () => {
  const pieces = fc.constantFrom(
    'a',
    '.',
    '[',
    ']',
    '*',
    '?',
    '`1`',
    "'s'",
    '|',
    '&',
    '-',
    '(',
    ')',
    'length',
    ' ',
    '$',
  )
  fc.assert(
    fc.property(fc.string({ unit: pieces, maxLength: 12 }), fc.jsonValue(), (expression, value) => {
      try {
        compileJmespath(expression)(value)
      } catch (error) {
        return error instanceof LogstreamError && error.code === 'BAD_ARGUMENT'
      }
      return true
    }),
  )
})
