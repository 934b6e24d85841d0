/** The role `endpoints`: a target for each address and port of a service, and for other ports of the pods there. */
import { META, metaLabels, type Pairs } from '../../net/kubernetes/meta-labels.ts'
import { keyOf, type EndpointAddress, type Endpoints } from '../../net/kubernetes/objects.ts'
import { BackingPods } from './backing-pods.ts'
import {
  hostPort,
  namespaceLabels,
  nodeLabels,
  podOf,
  present,
  serviceLabels,
  target,
  type Surroundings,
  type Target,
} from './target.ts'

export function endpointsTargets(endpoints: Endpoints, around: Surroundings): Target[] {
  const { metadata, subsets = [] } = endpoints
  const service = around.service(keyOf(metadata))
  const group: Pairs = [
    [`${META}namespace`, metadata.namespace ?? ''],
    ...(service === undefined ? [] : serviceLabels(service)),
    ...metaLabels('endpoints', metadata),
    ...namespaceLabels(endpoints, around),
  ]
  const pods = new BackingPods('service')
  const found = subsets.flatMap(({ addresses = [], notReadyAddresses = [], ports = [] }) =>
    ports.flatMap(({ name = '', port, protocol = '' }) => {
      const at = (address: EndpointAddress, ready: boolean): Target => {
        const pod = podOf(address.targetRef, around)
        return target(group, [
          ['__address__', hostPort(address.ip, port)],
          [`${META}endpoint_port_name`, name],
          [`${META}endpoint_port_protocol`, protocol],
          [`${META}endpoint_ready`, String(ready)],
          ...addressLabels(address, around),
          ...(pod === undefined ? [] : pods.labels(pod, { port, protocol })),
        ])
      }
      return [
        ...addresses.map((address) => at(address, true)),
        ...notReadyAddresses.map((address) => at(address, false)),
      ]
    }),
  )
  return [...found, ...pods.others(group)]
}

function addressLabels({ targetRef, nodeName, hostname }: EndpointAddress, around: Surroundings): Pairs {
  const node = nodeName ?? (targetRef?.kind === 'Node' ? targetRef.name : undefined)
  return [
    ...(targetRef === undefined
      ? []
      : present({
          endpoint_address_target_kind: targetRef.kind ?? '',
          endpoint_address_target_name: targetRef.name ?? '',
        })),
    ...present({ endpoint_node_name: nodeName, endpoint_hostname: hostname }),
    ...nodeLabels(node, around),
  ]
}
