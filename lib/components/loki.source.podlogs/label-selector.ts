/**
 * Label selectors as objects hold them
 * (https://kubernetes.io/docs/reference/kubernetes-api/common-definitions/label-selector/).
 */
import { LogstreamError } from '../../errors.ts'
import type { Names } from '../../net/kubernetes/objects.ts'

export const OPERATORS = ['In', 'NotIn', 'Exists', 'DoesNotExist'] as const

export interface Requirement {
  readonly key: string
  readonly operator: string
  readonly values?: readonly string[] | null
}

export interface LabelSelector {
  readonly matchLabels?: Names | null
  readonly matchExpressions?: readonly Requirement[] | null
}

type Matches = (labels: Names) => boolean

/** An empty selector, or none, matches everything. Throws BAD_ARGUMENT for requirements that can't be met by anything. */
export function compileSelector(selector: LabelSelector | null | undefined): Matches {
  const { matchLabels, matchExpressions } = selector ?? {}
  const all = [
    ...Object.entries(matchLabels ?? {}).map(([key, value]) => ({ key, operator: 'In', values: [value] })),
    ...(matchExpressions ?? []),
  ].map(compile)
  return (labels) => all.every((matches) => matches(labels))
}

function compile({ key, operator, values }: Requirement): Matches {
  const wanted = new Set(values)
  const has = (labels: Names): boolean => Object.hasOwn(labels, key)
  if (operator === 'In' || operator === 'NotIn') {
    if (wanted.size === 0) throw bad(`${operator} of "${key}": expected values, found none`)
    const isIn = (labels: Names): boolean => has(labels) && wanted.has(labels[key]!)
    return operator === 'In' ? isIn : (labels) => !isIn(labels)
  }
  if (operator !== 'Exists' && operator !== 'DoesNotExist')
    throw bad(`operator of "${key}": expected one of ${OPERATORS.join(', ')}, found "${operator}"`)
  if (wanted.size > 0) throw bad(`${operator} of "${key}" takes no values`)
  return operator === 'Exists' ? has : (labels) => !has(labels)
}

function bad(message: string): LogstreamError {
  return new LogstreamError('BAD_ARGUMENT', message)
}
