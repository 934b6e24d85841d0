/** The syntax tree of a JSON path in the dialect of the Go library ojg, which Alloy's json_path has. */
import type { RE2JS } from 're2js'
import type { Value } from '../value.ts'

/** One step of a path. */
export type Fragment =
  | { readonly kind: 'root' | 'self' | 'wildcard' | 'descent' }
  | { readonly kind: 'child'; readonly name: string }
  | { readonly kind: 'nth'; readonly index: number }
  | { readonly kind: 'union'; readonly items: readonly (string | number)[] }
  | {
      readonly kind: 'slice'
      readonly start: number
      readonly end: number | undefined
      readonly step: number
    }
  | { readonly kind: 'filter'; readonly equation: Equation }

export type Path = readonly Fragment[]

/** The operators of filters, longest first. */
export const operators = [
  'exists',
  'empty',
  'has',
  'in',
  '==',
  '!=',
  '<=',
  '>=',
  '||',
  '&&',
  '=~',
  '~=',
  '<',
  '>',
  '+',
  '-',
  '*',
  '/',
] as const

export type Operator = (typeof operators)[number]

/** The functions of filters, and how many arguments they take. */
export const functions = { length: 1, count: 1, match: 2, search: 2 } as const

export type FunctionName = keyof typeof functions

/** The condition of a filter. */
export type Equation =
  | { readonly kind: 'constant'; readonly value: Value }
  | { readonly kind: 'nothing' }
  | { readonly kind: 'list'; readonly values: readonly Value[] }
  | { readonly kind: 'regex'; readonly regex: RE2JS }
  | { readonly kind: 'path'; readonly path: Path }
  | { readonly kind: 'not' | 'group'; readonly of: Equation }
  | { readonly kind: 'call'; readonly name: FunctionName; readonly args: readonly Equation[] }
  | {
      readonly kind: 'binary'
      readonly operator: Operator
      readonly left: Equation
      readonly right: Equation
    }
