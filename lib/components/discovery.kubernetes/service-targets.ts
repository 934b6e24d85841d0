/** The role `service`: a target for each port of each service, at its name in the cluster's DNS. */
import { META, type Pairs } from '../../net/kubernetes/meta-labels.ts'
import type { Service } from '../../net/kubernetes/objects.ts'
import { hostPort, namespaceLabels, serviceLabels, target, type Surroundings, type Target } from './target.ts'

export function serviceTargets(service: Service, around: Surroundings): Target[] {
  const { metadata, spec } = service
  const group = [...serviceLabels(service), ...namespaceLabels(service, around)]
  return (spec.ports ?? []).map(({ name = '', port, protocol = '' }) => {
    const own: Pairs = [
      ['__address__', hostPort(`${metadata.name}.${metadata.namespace ?? ''}.svc`, port)],
      [`${META}service_port_name`, name],
      [`${META}service_port_number`, String(port)],
      [`${META}service_port_protocol`, protocol],
      [`${META}service_type`, spec.type ?? ''],
      spec.type === 'ExternalName'
        ? [`${META}service_external_name`, spec.externalName ?? '']
        : [`${META}service_cluster_ip`, spec.clusterIP ?? ''],
    ]
    if (spec.type === 'LoadBalancer') own.push([`${META}service_loadbalancer_ip`, balancerAddresses(service)])
    return target(group, own)
  })
}

// spec.loadBalancerIP is deprecated; what the balancer really has is in the status.
function balancerAddresses({ spec, status }: Service): string {
  const found = (status?.loadBalancer?.ingress ?? []).map(({ ip = '' }) => ip).filter((ip) => ip !== '')
  return found.length > 0 ? found.join(',') : (spec.loadBalancerIP ?? '')
}
