/** What the targets of all roles share: the labels of their pods, nodes and namespaces. */
import { labelsAndAnnotations, META, metaLabels, type Pairs } from '../../net/kubernetes/meta-labels.ts'
import {
  controllerOf,
  keyOf,
  type KubernetesObject,
  type Node,
  type ObjectReference,
  type Pod,
  type PodContainer,
  type Service,
} from '../../net/kubernetes/objects.ts'

export type Target = ReadonlyMap<string, string>

/** The objects around one that targets are made of; `undefined` where they aren't asked for, or not there. */
export interface Surroundings {
  /** Whether nodes are known; then a pod whose node isn't was left out by a selector. */
  readonly nodes: boolean
  node(name: string | undefined): Node | undefined
  namespace(name: string | undefined): KubernetesObject | undefined
  service(key: string): Service | undefined
  pod(key: string): Pod | undefined
}

/** Labels of the target win over those of its group, as in Prometheus. */
export function target(group: Pairs, own: Pairs): Target {
  return new Map([...group, ...own])
}

/** `net.JoinHostPort` of Go. */
export function hostPort(host: string, port: number | string): string {
  return host.includes(':') || host.includes('%') ? `[${host}]:${port}` : `${host}:${port}`
}

export function namespaceLabels({ metadata: { namespace } }: KubernetesObject, around: Surroundings): Pairs {
  const found = around.namespace(namespace)
  return found === undefined ? [] : labelsAndAnnotations('namespace', found.metadata)
}

export function nodeLabels(name: string | undefined, around: Surroundings): Pairs {
  const found = around.node(name)
  return found === undefined ? [] : metaLabels('node', found.metadata)
}

export function serviceLabels({ metadata }: Service): Pairs {
  return [[`${META}namespace`, metadata.namespace ?? ''], ...metaLabels('service', metadata)]
}

export function podLabels({ metadata, spec, status }: Pod): Pairs {
  const owner = controllerOf(metadata)
  const ready = status.conditions?.find(({ type }) => type === 'Ready')?.status ?? 'Unknown'
  return [
    [`${META}pod_ip`, status.podIP ?? ''],
    [`${META}pod_ready`, ready.toLowerCase()],
    [`${META}pod_phase`, status.phase ?? ''],
    [`${META}pod_node_name`, spec.nodeName ?? ''],
    [`${META}pod_host_ip`, status.hostIP ?? ''],
    [`${META}pod_uid`, metadata.uid ?? ''],
    ...metaLabels('pod', metadata),
    ...(owner === undefined
      ? []
      : ([
          [`${META}pod_controller_kind`, owner.kind],
          [`${META}pod_controller_name`, owner.name],
        ] satisfies Pairs)),
  ]
}

/** A container, and whether it's an init container. */
export interface PlacedContainer {
  readonly container: PodContainer
  readonly init: boolean
}

/** Init containers follow the others. */
export function containersOf({ spec }: Pod): PlacedContainer[] {
  return [
    ...spec.containers.map((container) => ({ container, init: false })),
    ...(spec.initContainers ?? []).map((container) => ({ container, init: true })),
  ]
}

export function containerLabels(
  { container, init }: PlacedContainer,
  port?: { readonly name?: string; readonly number: number; readonly protocol?: string },
): Pairs {
  return [
    [`${META}pod_container_name`, container.name],
    [`${META}pod_container_image`, container.image ?? ''],
    ...(port === undefined
      ? []
      : ([
          [`${META}pod_container_port_name`, port.name ?? ''],
          [`${META}pod_container_port_number`, String(port.number)],
          [`${META}pod_container_port_protocol`, port.protocol ?? ''],
        ] satisfies Pairs)),
    [`${META}pod_container_init`, String(init)],
  ]
}

/** The pod that an address refers to. */
export function podOf(reference: ObjectReference | undefined, around: Surroundings): Pod | undefined {
  if (reference?.kind !== 'Pod') return undefined
  return around.pod(keyOf({ name: reference.name ?? '', namespace: reference.namespace }))
}

/** Label pairs for the values that are there. */
export function present(values: Readonly<Record<string, string | number | boolean | undefined>>): Pairs {
  return Object.entries(values).flatMap(([name, value]): Pairs =>
    value === undefined ? [] : [[`${META}${name}`, String(value)]],
  )
}
