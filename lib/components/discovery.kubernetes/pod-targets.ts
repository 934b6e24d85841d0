/** The role `pod`: a target for each port of each container, or one for a container without ports. */
import { META } from '../../net/kubernetes/meta-labels.ts'
import type { ContainerStatus, Pod } from '../../net/kubernetes/objects.ts'
import {
  containerLabels,
  containersOf,
  hostPort,
  namespaceLabels,
  nodeLabels,
  podLabels,
  target,
  type Surroundings,
  type Target,
} from './target.ts'

/** A pod without an address (it starts, or was evicted) has no targets, as in Prometheus. */
export function podTargets(pod: Pod, around: Surroundings): Target[] {
  const { podIP: ip = '', containerStatuses, initContainerStatuses } = pod.status
  if (ip === '') return []
  if (around.nodes && around.node(pod.spec.nodeName) === undefined) return []
  const group = [
    ...podLabels(pod),
    ...namespaced(pod),
    ...nodeLabels(pod.spec.nodeName, around),
    ...namespaceLabels(pod, around),
  ]
  return containersOf(pod).flatMap((placed) => {
    const { container, init } = placed
    const id = idOf(init ? initContainerStatuses : containerStatuses, container.name)
    const { ports = [] } = container
    if (ports.length === 0) return [target(group, [['__address__', ip], ...id, ...containerLabels(placed)])]
    return ports.map(({ name, containerPort: number, protocol }) =>
      target(group, [
        ['__address__', hostPort(ip, number)],
        ...id,
        ...containerLabels(placed, { name, number, protocol }),
      ]),
    )
  })
}

function namespaced({ metadata }: Pod): [string, string][] {
  return [[`${META}namespace`, metadata.namespace ?? '']]
}

function idOf(statuses: readonly ContainerStatus[] | undefined, name: string): [string, string][] {
  const status = statuses?.find((each) => each.name === name)
  return [[`${META}pod_container_id`, status?.containerID ?? '']]
}
