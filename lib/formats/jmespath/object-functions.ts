/** JMESPath's functions of objects. Where Go's order of keys is random, keys keep theirs. */
import { define, type Definition, variadic } from './define.ts'
import { EvaluationFailure } from './error.ts'
import { objectOf } from './literal.ts'
import type { Reference } from './value.ts'

function fromItems(items: unknown[]): Record<string, unknown> {
  const pairs = items.map((item): [string, unknown] => {
    if (!Array.isArray(item) || item.length !== 2 || typeof item[0] !== 'string')
      throw new EvaluationFailure('from_items takes a list of pairs of a string and a value')
    return [item[0], item[1]]
  })
  return objectOf(pairs)
}

function groupBy(items: unknown[], by: Reference): Record<string, unknown> | null {
  if (items.length === 0) return null
  const groups = new Map<string, unknown[]>()
  for (const item of items) {
    const key = by(item)
    if (typeof key !== 'string') throw new EvaluationFailure('the expression of group_by must be a string')
    const group = groups.get(key)
    if (group === undefined) groups.set(key, [item])
    else group.push(item)
  }
  return objectOf(groups)
}

export const objectFunctions: readonly (readonly [string, Definition])[] = [
  ['from_items', define([['array']], fromItems)],
  ['group_by', define([['array'], ['reference']], groupBy)],
  ['items', define([['object']], (object) => Object.entries(object))],
  ['keys', define([['object']], (object) => Object.keys(object))],
  [
    'merge',
    variadic('object', (...objects) => objectOf(objects.flatMap((object) => Object.entries(object)))),
  ],
  ['values', define([['object']], (object) => Object.values(object))],
]
