/** Pods behind a service: what the roles `endpoints` and `endpointslice` add to the addresses that refer to one. */
import { type Pairs } from '../../net/kubernetes/meta-labels.ts'
import { keyOf, type Pod } from '../../net/kubernetes/objects.ts'
import { containerLabels, containersOf, hostPort, podLabels, target, type Target } from './target.ts'

/** The port of a service at an address. */
export interface ServicePort {
  readonly port?: number
  readonly protocol?: string
}

/** Collects the pods of one group of targets, with the ports that the service already covers. */
export class BackingPods {
  readonly #seen = new Map<string, { readonly pod: Pod; readonly covered: Set<number> }>()
  /** `service`: the protocol of a container's port is that of the service's, as Prometheus has it for `endpoints`. */
  readonly #protocolOf: 'service' | 'container'

  constructor(protocolOf: 'service' | 'container') {
    this.#protocolOf = protocolOf
  }

  /** Labels of a target whose address belongs to this pod. */
  labels(pod: Pod, { port, protocol }: ServicePort): Pairs {
    const key = keyOf(pod.metadata)
    const known = this.#seen.get(key) ?? { pod, covered: new Set() }
    this.#seen.set(key, known)
    if (port !== undefined) known.covered.add(port)
    const found: Pairs = [...podLabels(pod)]
    for (const placed of containersOf(pod)) {
      const match = placed.container.ports?.find(({ containerPort }) => containerPort === port)
      if (match === undefined) continue
      const given = this.#protocolOf === 'service' ? protocol : match.protocol
      found.push(
        ...containerLabels(placed, { name: match.name, number: match.containerPort, protocol: given }),
      )
    }
    return found
  }

  /** Targets for the ports of those pods that no address of the service covers. */
  others(group: Pairs): Target[] {
    return [...this.#seen.values()].flatMap(({ pod, covered }) => {
      const { podIP: ip = '' } = pod.status
      if (ip === '') return []
      return containersOf(pod).flatMap((placed) =>
        (placed.container.ports ?? [])
          .filter(({ containerPort }) => !covered.has(containerPort))
          .map(({ name, containerPort: number, protocol }) =>
            target(group, [
              ['__address__', hostPort(ip, number)],
              ...containerLabels(placed, { name, number, protocol }),
              ...podLabels(pod),
            ]),
          ),
      )
    })
  }
}
