/** The role `ingress`: a target for each path of each rule. */
import { META, metaLabels, type Pairs } from '../../net/kubernetes/meta-labels.ts'
import type { Ingress } from '../../net/kubernetes/objects.ts'
import { namespaceLabels, present, target, type Surroundings, type Target } from './target.ts'

export function ingressTargets(ingress: Ingress, around: Surroundings): Target[] {
  const { metadata, spec } = ingress
  const group: Pairs = [
    [`${META}namespace`, metadata.namespace ?? ''],
    ...present({ ingress_class_name: spec.ingressClassName }),
    ...metaLabels('ingress', metadata),
    ...namespaceLabels(ingress, around),
  ]
  const secured = (spec.tls ?? []).flatMap(({ hosts = [] }) => hosts)
  return (spec.rules ?? []).flatMap(({ host = '', http }) => {
    const scheme = secured.some((pattern) => covers(pattern, host)) ? 'https' : 'http'
    const paths = http === undefined ? ['/'] : http.paths.map(({ path = '' }) => (path === '' ? '/' : path))
    return paths.map((path) =>
      target(group, [
        ['__address__', host],
        [`${META}ingress_scheme`, scheme],
        [`${META}ingress_host`, host],
        [`${META}ingress_path`, path],
      ]),
    )
  })
}

/** Whether a TLS host is this one, or a wildcard such as `*.example.org` that covers it. */
function covers(pattern: string, host: string): boolean {
  if (pattern === host) return true
  const [star, ...rest] = pattern.split('.')
  const [, ...parent] = host.split('.')
  return star === '*' && rest.join('.') === parent.join('.')
}
