/** Sprig's defaults, JSON, reflection, environment and flow control. */
import { deepEqual } from '../equality.ts'
import { fixed, variadic } from '../function.ts'
import { type TemplateFunction, type Value, fault, kindName, typeName } from '../value.ts'
import { type JsonStyle, fromJson, strictFromJson, toJson } from './json.ts'
import { isEmpty } from './sprig-lists.ts'

const plain: JsonStyle = { dialect: 'standard', indent: '' }
const pretty: JsonStyle = { dialect: 'standard', indent: '  ' }
const raw: JsonStyle = { dialect: 'standard without html', indent: '' }

/** What Go can't write is an empty text, or with `must` an error. */
function writer(style: JsonStyle, strict: boolean): TemplateFunction {
  return fixed(['any'], (value) => {
    const json = toJson(value, style)
    if (json === undefined && strict) throw fault('a value that JSON does not have, such as NaN')
    return json ?? ''
  })
}

function mustFromJson(text: string): Value {
  const value = strictFromJson(text)
  if (value === undefined) throw fault('invalid JSON')
  return value
}

function coalesce(...values: Value[]): Value {
  return values.find((value) => !isEmpty(value)) ?? null
}

/** `$name` and `${name}`; a `${` that isn't closed vanishes, as in Go. */
function expandEnv(text: string, env: (name: string) => string | undefined): string {
  return text.replace(
    /\$(?:\{([^}]*)\}|\{|([*#$@!?\-0-9]|\w+))/g,
    (_match, braced: string | undefined, bare: string | undefined) => env(braced ?? bare ?? '') ?? '',
  )
}

/** `env` reads one variable of the environment. */
export function environmentFunctions(
  env: (name: string) => string | undefined,
): readonly [string, TemplateFunction][] {
  return [
    ['env', fixed(['string'], (name) => env(name) ?? '')],
    ['expandenv', fixed(['string'], (text) => expandEnv(text, env))],
  ]
}

export const defaultFunctions: readonly [string, TemplateFunction][] = [
  ['default', variadic(['any'], 'any', (fallback, ...given) => (isEmpty(given[0]) ? fallback : given[0]))],
  ['empty', fixed(['any'], isEmpty)],
  ['coalesce', variadic([], 'any', coalesce)],
  ['all', variadic([], 'any', (...values) => values.every((value) => !isEmpty(value)))],
  ['any', variadic([], 'any', (...values) => values.some((value) => !isEmpty(value)))],
  ['ternary', fixed(['any', 'any', 'bool'], (yes, no, test) => (test ? yes : no))],
  [
    'fail',
    fixed(['string'], (reason) => {
      throw fault(reason)
    }),
  ],
  ['fromJson', fixed(['string'], fromJson)],
  ['mustFromJson', fixed(['string'], mustFromJson)],
  ['toJson', writer(plain, false)],
  ['mustToJson', writer(plain, true)],
  ['toPrettyJson', writer(pretty, false)],
  ['mustToPrettyJson', writer(pretty, true)],
  ['toRawJson', writer(raw, true)],
  ['mustToRawJson', writer(raw, true)],
  ['typeOf', fixed(['any'], typeName)],
  ['typeIs', fixed(['string', 'any'], (name, value) => name === typeName(value))],
  [
    'typeIsLike',
    fixed(['string', 'any'], (name, value) => name === typeName(value) || `*${name}` === typeName(value)),
  ],
  ['kindOf', fixed(['any'], kindName)],
  ['kindIs', fixed(['string', 'any'], (name, value) => name === kindName(value))],
  ['deepEqual', fixed(['any', 'any'], deepEqual)],
]
