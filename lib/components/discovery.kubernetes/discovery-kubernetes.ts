/** `discovery.kubernetes`: objects of a Kubernetes cluster as targets, seen as they change. */
import type { Value } from '../../alloy/value.ts'
import { defineComponent } from '../../component/component.ts'
import { healthOf } from '../../component/health.ts'
import { LogstreamError } from '../../errors.ts'
import { checkKubernetesOptions } from '../../net/kubernetes/fields.ts'
import { Discovery } from './discovery.ts'
import { fields, type DiscoveryOptions } from './fields.ts'
import { SELECTABLE, type Role } from './roles.ts'

export const discoveryKubernetes = defineComponent({
  name: 'discovery.kubernetes',
  summary: 'Finds pods, nodes, services, endpoints and ingresses of a Kubernetes cluster.',
  fields,
  stability: 'generally-available',
  exports: { targets: 'list(map(string)): the targets, with the labels of kubernetes_sd_configs' },
  create: (options, ctx) => {
    checkKubernetesOptions(options)
    checkSelectors(options)
    const { own_namespace: own } = options.namespaces
    if (own && (options.api_server !== '' || options.kubeconfig_file !== ''))
      throw bad(
        'namespaces',
        'own_namespace is that of the pod logstream runs in: leave out api_server and kubeconfig_file',
      )
    const discovery = new Discovery(options, ctx)
    return {
      exports: new Map<string, Value>([['targets', []]]),
      start: () => discovery.start(),
      close: () => discovery.close(),
      health: () => healthOf(discovery.problem),
      status: () => discovery.status(),
    }
  },
})

function checkSelectors({ role, selectors }: DiscoveryOptions): void {
  const allowed = SELECTABLE[role as Role]
  const wrong = selectors.find(({ role: of }) => !allowed.includes(of as Role))
  if (wrong !== undefined)
    throw bad(
      'selectors',
      `the role "${role}" takes selectors of ${allowed.join(', ')}, found one of "${wrong.role}"`,
    )
}

function bad(option: string, message: string): LogstreamError {
  return new LogstreamError('BAD_CONFIG', message, { option })
}
