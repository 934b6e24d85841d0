/** The role `node`: a target for each node, at its kubelet's port. */
import { labelName, META, metaLabels, type Pairs } from '../../net/kubernetes/meta-labels.ts'
import type { Node } from '../../net/kubernetes/objects.ts'
import { hostPort, target, type Target } from './target.ts'

/** The first kind of address that a node has is its address. */
const PREFERRED = ['InternalIP', 'InternalDNS', 'ExternalIP', 'ExternalDNS', 'LegacyHostIP', 'Hostname']

/** A node without any address has no target. */
export function nodeTargets({ metadata, spec, status }: Node): Target[] {
  const addresses = new Map<string, string>()
  for (const { type, address } of status?.addresses ?? [])
    if (!addresses.has(type)) addresses.set(type, address)
  const kind = PREFERRED.find((each) => addresses.has(each))
  if (kind === undefined) return []
  const conditions = (status?.conditions ?? []).map((condition): Pairs[number] => [
    `${META}node_condition_${labelName(condition.type.toLowerCase())}`,
    condition.status.toLowerCase(),
  ])
  const group: Pairs = [
    [`${META}node_provider_id`, spec?.providerID ?? ''],
    ...conditions,
    ...metaLabels('node', metadata),
  ]
  const port = status?.daemonEndpoints?.kubeletEndpoint?.Port ?? 0
  const own: Pairs = [
    ['__address__', hostPort(addresses.get(kind)!, port)],
    ['instance', metadata.name],
  ]
  for (const [type, address] of addresses) own.push([labelName(`${META}node_address_${type}`), address])
  return [target(group, own)]
}
