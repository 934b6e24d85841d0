/** What each role watches, and how its targets are made. */
import type { Kind, Kinds } from '../../net/kubernetes/resources.ts'
import { endpointSliceTargets } from './endpointslice-targets.ts'
import { endpointsTargets } from './endpoints-targets.ts'
import { ingressTargets } from './ingress-targets.ts'
import { nodeTargets } from './node-targets.ts'
import { podTargets } from './pod-targets.ts'
import { serviceTargets } from './service-targets.ts'
import type { Surroundings, Target } from './target.ts'

export const ROLES = ['pod', 'service', 'endpoints', 'endpointslice', 'node', 'ingress'] as const

export type Role = (typeof ROLES)[number]

export const TARGETS: { readonly [R in Role]: (object: Kinds[R], around: Surroundings) => Target[] } = {
  pod: podTargets,
  service: serviceTargets,
  endpoints: endpointsTargets,
  endpointslice: endpointSliceTargets,
  node: nodeTargets,
  ingress: ingressTargets,
}

/** The kinds whose objects a role can select: its own first. Those of `node` go unused without attach_metadata. */
export const SELECTABLE: Readonly<Record<Role, readonly Role[]>> = {
  pod: ['pod', 'node'],
  service: ['service'],
  endpoints: ['endpoints', 'pod', 'service'],
  endpointslice: ['endpointslice', 'pod', 'service'],
  node: ['node'],
  ingress: ['ingress'],
}

/** Kinds in namespaces that a role watches besides its own. */
const BESIDE: Readonly<Record<Role, readonly Kind[]>> = {
  pod: [],
  service: [],
  endpoints: ['service', 'pod'],
  endpointslice: ['service', 'pod'],
  node: [],
  ingress: [],
}

const ON_NODES: ReadonlySet<Role> = new Set<Role>(['pod', 'endpoints', 'endpointslice'])

/** The kinds that a role watches: its own, those beside it, and those whose labels are attached. */
export function watchedKinds(
  role: Role,
  attach: { readonly node: boolean; readonly namespace: boolean },
): readonly Kind[] {
  const kinds: Kind[] = [role, ...BESIDE[role]]
  if (attach.node && ON_NODES.has(role)) kinds.push('node')
  if (attach.namespace && role !== 'node') kinds.push('namespace')
  return kinds
}
