/** The role `endpointslice`: a target for each address and port of a slice, and for other ports of the pods there. */
import { labelName, META, metaLabels, type Pairs } from '../../net/kubernetes/meta-labels.ts'
import {
  keyOf,
  type EndpointSlice,
  type Service,
  type SliceEndpoint,
  type SlicePort,
} from '../../net/kubernetes/objects.ts'
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

const SERVICE_NAME = 'kubernetes.io/service-name'

export function endpointSliceTargets(slice: EndpointSlice, around: Surroundings): Target[] {
  const { metadata } = slice
  const name = metadata.labels?.[SERVICE_NAME]
  const service = name === undefined ? undefined : around.service(keyOf({ ...metadata, name }))
  if (isSecondary(slice, service)) return []
  const group: Pairs = [
    [`${META}namespace`, metadata.namespace ?? ''],
    [`${META}endpointslice_address_type`, slice.addressType],
    ...metaLabels('endpointslice', metadata),
    ...(service === undefined ? [] : serviceLabels(service)),
    ...namespaceLabels(slice, around),
  ]
  const pods = new BackingPods('container')
  const found = (slice.endpoints ?? []).flatMap((endpoint) =>
    (slice.ports ?? []).flatMap((port) =>
      endpoint.addresses.map((address) => {
        const pod = podOf(endpoint.targetRef, around)
        return target(group, [
          ['__address__', port.port === undefined ? address : hostPort(address, port.port)],
          ...portLabels(port),
          ...endpointLabels(endpoint, around),
          ...(pod === undefined ? [] : pods.labels(pod, port)),
        ])
      }),
    ),
  )
  return [...found, ...pods.others(group)]
}

/** A dual-stack service has a slice for each IP family; only the first makes targets, or each would be there twice. */
function isSecondary({ addressType }: EndpointSlice, service: Service | undefined): boolean {
  const { ipFamilyPolicy: policy, ipFamilies: [first] = [] } = service?.spec ?? {}
  const dual = policy === 'PreferDualStack' || policy === 'RequireDualStack'
  return dual && first !== undefined && addressType !== first
}

function portLabels({ name, port, protocol, appProtocol }: SlicePort): Pairs {
  return present({
    endpointslice_port_name: name,
    endpointslice_port_protocol: protocol,
    endpointslice_port: port,
    endpointslice_port_app_protocol: appProtocol,
  })
}

function endpointLabels(endpoint: SliceEndpoint, around: Surroundings): Pairs {
  const { conditions, hostname, nodeName, zone, targetRef, deprecatedTopology = {} } = endpoint
  const topology = Object.entries(deprecatedTopology).flatMap(([key, value]): Pairs => {
    const prefix = `${META}endpointslice_endpoint_topology`
    return [
      [`${prefix}_${labelName(key)}`, value],
      [`${prefix}_present_${labelName(key)}`, 'true'],
    ]
  })
  return [
    ...present({
      endpointslice_endpoint_conditions_ready: conditions?.ready,
      endpointslice_endpoint_conditions_serving: conditions?.serving,
      endpointslice_endpoint_conditions_terminating: conditions?.terminating,
      endpointslice_endpoint_hostname: hostname,
      ...(targetRef === undefined
        ? {}
        : {
            endpointslice_address_target_kind: targetRef.kind ?? '',
            endpointslice_address_target_name: targetRef.name ?? '',
          }),
      endpointslice_endpoint_node_name: nodeName,
      endpointslice_endpoint_zone: zone,
    }),
    ...topology,
    ...nodeLabels(targetRef?.kind === 'Node' ? targetRef.name : nodeName, around),
  ]
}
