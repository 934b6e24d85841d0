/**
 * Containers and networks, as the Docker Engine API lists them, as targets with the labels of Prometheus' docker_sd_configs
 * (https://prometheus.io/docs/prometheus/latest/configuration/configuration/#docker_sd_config).
 */

/** An answer of `GET /containers/json`, as far as it is used. */
export interface ContainerSummary {
  readonly Id: string
  readonly Names?: readonly string[]
  readonly Labels?: Readonly<Record<string, string>>
  readonly Ports?: readonly ContainerPort[]
  readonly HostConfig?: { readonly NetworkMode?: string }
  readonly NetworkSettings?: { readonly Networks?: Readonly<Record<string, ContainerNetwork>> }
}

interface ContainerPort {
  readonly IP?: string
  readonly PrivatePort: number
  readonly PublicPort?: number
  readonly Type: string
}

interface ContainerNetwork {
  readonly NetworkID: string
  readonly IPAddress: string
}

/** An answer of `GET /networks`. */
export interface NetworkSummary {
  readonly Id: string
  readonly Name: string
  readonly Scope?: string
  readonly Internal?: boolean
  readonly Ingress?: boolean
  readonly Labels?: Readonly<Record<string, string>>
}

export interface TargetOptions {
  /** Port of a container that exposes none over TCP. */
  readonly port: number
  readonly hostNetworkingHost: string
  readonly matchFirstNetwork: boolean
}

type Labels = Map<string, string>

const META = '__meta_docker_'

/** One target for each TCP port in each network of a container, or one for each network where it exposes none. */
export function containerTargets(
  containers: readonly ContainerSummary[],
  networks: readonly NetworkSummary[],
  options: TargetOptions,
): Labels[] {
  const byId = new Map(containers.map((container) => [container.Id, container]))
  const ofNetwork = new Map(networks.map((network) => [network.Id, networkLabels(network)]))
  return containers.flatMap((container) => {
    if (container.Names?.[0] === undefined) return []
    const common = containerLabels(container)
    return networksOf(container, byId, options.matchFirstNetwork).flatMap((network) => {
      const shared = [...common, ...(ofNetwork.get(network.NetworkID) ?? [])]
      return endpointsOf(container, network, options).map((own) => new Map([...own, ...shared]))
    })
  })
}

function containerLabels({ Id, Names, Labels, HostConfig }: ContainerSummary): [string, string][] {
  return [
    [`${META}container_id`, Id],
    [`${META}container_name`, Names![0]!],
    [`${META}container_network_mode`, HostConfig?.NetworkMode ?? ''],
    ...prefixed(`${META}container_label_`, Labels),
  ]
}

function networkLabels({ Id, Name, Scope, Internal, Ingress, Labels }: NetworkSummary): [string, string][] {
  return [
    [`${META}network_id`, Id],
    [`${META}network_name`, Name],
    [`${META}network_scope`, Scope ?? ''],
    [`${META}network_internal`, String(Internal ?? false)],
    [`${META}network_ingress`, String(Ingress ?? false)],
    ...prefixed(`${META}network_label_`, Labels),
  ]
}

// Letters, digits and underscores are what a label's name can hold.
function prefixed(prefix: string, labels: Readonly<Record<string, string>> = {}): [string, string][] {
  return Object.entries(labels).map(([name, value]) => [
    `${prefix}${name.replace(/[^a-zA-Z0-9_]/g, '_')}`,
    value,
  ])
}

/** The networks that make targets. A container in another one's network (`container:ID`) has that one's. */
function networksOf(
  container: ContainerSummary,
  byId: ReadonlyMap<string, ContainerSummary>,
  firstOnly: boolean,
): ContainerNetwork[] {
  let at = container
  let networks = networksIn(at)
  const seen = new Set<string>()
  for (let mode = modeOf(at); networks.size === 0 && mode.startsWith('container:'); mode = modeOf(at)) {
    const next = byId.get(mode.slice('container:'.length))
    if (next === undefined || seen.has(next.Id)) return []
    seen.add(next.Id)
    at = next
    networks = networksIn(at)
  }
  if (!firstOnly || networks.size <= 1) return [...networks.values()]
  const own = networks.get(modeOf(at))
  if (own !== undefined && !BUILT_IN.has(modeOf(at))) return [own]
  return [networks.get([...networks.keys()].sort()[0]!)!]
}

const BUILT_IN: ReadonlySet<string> = new Set(['default', 'bridge', 'host', 'none'])

function modeOf({ HostConfig }: ContainerSummary): string {
  return HostConfig?.NetworkMode ?? ''
}

function networksIn({ NetworkSettings }: ContainerSummary): Map<string, ContainerNetwork> {
  return new Map(Object.entries(NetworkSettings?.Networks ?? {}))
}

function endpointsOf(
  { Ports, HostConfig }: ContainerSummary,
  { IPAddress }: ContainerNetwork,
  { port, hostNetworkingHost }: TargetOptions,
): [string, string][][] {
  const ports = (Ports ?? []).filter(({ Type }) => Type === 'tcp')
  if (ports.length === 0) {
    const address = HostConfig?.NetworkMode === 'host' ? hostNetworkingHost : hostPort(IPAddress, port)
    return [
      [
        [`${META}network_ip`, IPAddress],
        ['__address__', address],
      ],
    ]
  }
  return ports.map(({ PrivatePort, PublicPort, IP }) => [
    [`${META}network_ip`, IPAddress],
    [`${META}port_private`, String(PrivatePort)],
    ...(PublicPort === undefined || PublicPort === 0
      ? []
      : ([
          [`${META}port_public`, String(PublicPort)],
          [`${META}port_public_ip`, IP ?? ''],
        ] satisfies [string, string][])),
    ['__address__', hostPort(IPAddress, PrivatePort)],
  ])
}

function hostPort(host: string, port: number): string {
  return host.includes(':') ? `[${host}]:${port}` : `${host}:${port}`
}
