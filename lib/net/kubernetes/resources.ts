/** The resources that are read: where they lie, and what of each object is kept in memory. */
import type {
  ContainerStatus,
  EndpointSlice,
  Endpoints,
  Ingress,
  KubernetesObject,
  Node,
  ObjectMeta,
  Pod,
  PodContainer,
  Service,
} from './objects.ts'

/** The kinds by the names of Prometheus' roles. */
export interface Kinds {
  readonly pod: Pod
  readonly node: Node
  readonly service: Service
  readonly endpoints: Endpoints
  readonly endpointslice: EndpointSlice
  readonly ingress: Ingress
  readonly namespace: KubernetesObject
}

export type Kind = keyof Kinds

const PATHS: Readonly<
  Record<Kind | 'event' | 'secret' | 'configmap' | 'podlogs', readonly [group: string, resource: string]>
> = {
  pod: ['/api/v1', 'pods'],
  node: ['/api/v1', 'nodes'],
  service: ['/api/v1', 'services'],
  endpoints: ['/api/v1', 'endpoints'],
  endpointslice: ['/apis/discovery.k8s.io/v1', 'endpointslices'],
  ingress: ['/apis/networking.k8s.io/v1', 'ingresses'],
  namespace: ['/api/v1', 'namespaces'],
  event: ['/api/v1', 'events'],
  secret: ['/api/v1', 'secrets'],
  configmap: ['/api/v1', 'configmaps'],
  podlogs: ['/apis/monitoring.grafana.com/v1alpha2', 'podlogs'],
}

/** The path of all objects of a kind, or of those in one namespace. */
export function pathOf(kind: keyof typeof PATHS, namespace = ''): string {
  const [group, resource] = PATHS[kind]
  return namespace === ''
    ? `${group}/${resource}`
    : `${group}/namespaces/${encodeURIComponent(namespace)}/${resource}`
}

/** What the labels of targets are made of; a pod has ten times as much. */
export const KEEP: { readonly [K in Kind]: (object: Kinds[K]) => Kinds[K] } = {
  pod: ({ metadata, spec, status }) => ({
    metadata: meta(metadata),
    spec: {
      nodeName: spec.nodeName,
      containers: spec.containers.map(container),
      initContainers: spec.initContainers?.map(container),
    },
    status: {
      phase: status.phase,
      podIP: status.podIP,
      hostIP: status.hostIP,
      conditions: status.conditions
        ?.filter(({ type }) => type === 'Ready')
        .map(({ type, status: state }) => ({ type, status: state })),
      containerStatuses: status.containerStatuses?.map(containerStatus),
      initContainerStatuses: status.initContainerStatuses?.map(containerStatus),
    },
  }),
  node: ({ metadata, spec, status }) => ({
    metadata: meta(metadata),
    spec: { providerID: spec?.providerID },
    status: {
      // Without the times of heartbeats, so that those aren't changes.
      conditions: status?.conditions?.map(({ type, status: state }) => ({ type, status: state })),
      addresses: status?.addresses,
      daemonEndpoints: status?.daemonEndpoints,
    },
  }),
  service: ({ metadata, spec, status }) => ({ metadata: meta(metadata), spec, status }),
  endpoints: ({ metadata, subsets }) => ({ metadata: meta(metadata), subsets }),
  endpointslice: ({ metadata, addressType, endpoints, ports }) => ({
    metadata: meta(metadata),
    addressType,
    endpoints,
    ports,
  }),
  ingress: ({ metadata, spec: { ingressClassName, tls, rules } }) => ({
    metadata: meta(metadata),
    spec: { ingressClassName, tls, rules },
  }),
  namespace: ({ metadata }) => ({ metadata: meta(metadata) }),
}

function meta({ name, namespace, uid, labels, annotations, ownerReferences }: ObjectMeta): ObjectMeta {
  return { name, namespace, uid, labels, annotations, ownerReferences }
}

function container({ name, image, ports }: PodContainer): PodContainer {
  return { name, image, ports }
}

function containerStatus({ name, containerID }: ContainerStatus): ContainerStatus {
  return { name, containerID }
}
