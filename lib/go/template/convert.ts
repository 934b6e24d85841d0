/** Go's rules for arguments: what a value or a constant becomes for a parameter, and what is refused. */
import type { NumberOperand } from './tree.ts'
import {
  type Param,
  type TemplateFunction,
  type Value,
  fault,
  goInt,
  integerOf,
  nilMap,
  typeName,
} from './value.ts'

/** The parameter types as Go prints them. */
const GO_TYPES: Record<Param, string> = {
  string: 'string',
  int: 'int',
  uint32: 'uint32',
  float64: 'float64',
  bool: 'bool',
  any: 'interface {}',
  value: 'reflect.Value',
  map: 'map[string]interface {}',
  time: 'time.Time',
  version: '*semver.Version',
  duration: 'time.Duration',
}

/** What converts a value to a parameter; throws if Go could not assign it. */
function mismatch(param: Param, value: Value): never {
  if (value === undefined) throw fault(`invalid value; expected ${GO_TYPES[param]}`)
  const found = value === null ? 'interface {}' : typeName(value)
  throw fault(`wrong type for value; expected ${GO_TYPES[param]}; got ${found}`)
}

/** Why a constant can't be an argument; `text` is how it is written. */
export function constantError(param: Param, text: string): string {
  if (text === 'nil') return `cannot assign nil to ${GO_TYPES[param]}`
  switch (param) {
    case 'string':
    case 'bool':
      return `expected ${param}; found ${text}`
    case 'int':
    case 'duration':
      return `expected integer; found ${text}`
    case 'uint32':
      return `expected unsigned integer; found ${text}`
    case 'float64':
      return `expected float; found ${text}`
    default:
      return `can't handle ${text} for arg of type ${GO_TYPES[param]}`
  }
}

function objectOf(type: string, param: Param): (value: Value) => Value {
  return (value) => {
    const fits = typeof value === 'object' && value !== null && value.tag === 'object' && value.type === type
    return fits ? value : mismatch(param, value)
  }
}

export const converters: Record<Param, (value: Value) => unknown> = {
  any: (value) => (value === undefined ? null : value),
  value: (value) => value,
  string: (value) => (typeof value === 'string' ? value : mismatch('string', value)),
  int: (value) => (typeof value === 'bigint' ? Number(value) : mismatch('int', value)),
  uint32: (value) => mismatch('uint32', value),
  float64: (value) => (typeof value === 'number' ? value : mismatch('float64', value)),
  bool: (value) => (typeof value === 'boolean' ? value : mismatch('bool', value)),
  map: (value) => {
    if (value === undefined) return nilMap
    const fits = typeof value === 'object' && value !== null && value.tag === 'map' && value.elem !== 'string'
    return fits ? value : mismatch('map', value)
  },
  time: objectOf('time.Time', 'time'),
  version: objectOf('*semver.Version', 'version'),
  duration: (value) => {
    const fits =
      typeof value === 'object' && value !== null && value.tag === 'int' && value.type === 'time.Duration'
    return fits ? value.value : mismatch('duration', value)
  },
}

/** A number constant as the parameter wants it; undefined if it can't be that. */
export function constantAs(operand: NumberOperand, param: Param): unknown {
  switch (param) {
    case 'int':
      return operand.integer === undefined ? undefined : Number(operand.integer)
    case 'duration':
      return operand.integer
    case 'uint32':
      return operand.unsigned === undefined ? undefined : Number(BigInt.asUintN(32, operand.unsigned))
    case 'float64':
      return operand.float
    case 'any':
    case 'value':
      return idealOf(operand)
    case 'string':
    case 'bool':
    case 'map':
    case 'time':
    case 'version':
    default:
      return undefined
  }
}

export function idealOf({ ideal }: NumberOperand): Value {
  if (typeof ideal !== 'object') return ideal
  const sign = ideal.im < 0 || Object.is(ideal.im, -0) ? '' : '+'
  const text = `(${ideal.re}${sign}${ideal.im}i)`
  return {
    tag: 'object',
    type: 'complex128',
    kind: 'complex128',
    text: () => text,
    methods: new Map(),
    data: text,
  }
}

export function nilAs(param: Param): unknown {
  if (param === 'any') return null
  return param === 'map' ? nilMap : undefined
}

export function arityError(fn: TemplateFunction, name: string, count: number): string | undefined {
  const { params, rest } = fn
  const enough = rest === undefined ? count === params.length : count >= params.length
  if (enough) return undefined
  const wanted = rest === undefined ? params.length : `at least ${params.length}`
  return `wrong number of args for ${name}: want ${wanted} got ${count}`
}

/** An integer like the one given, for loops over integers of each type. */
export function integerLike(like: Value, value: bigint): Value {
  if (typeof like === 'bigint' || integerOf(like) === undefined) return value
  return typeof like === 'object' && like?.tag === 'int' ? goInt(like.kind, value, like.type) : value
}
