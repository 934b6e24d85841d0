/** Which targets and labels containers make; the expected ones follow Prometheus' docker_sd_configs. */
import t from 'tap'
import {
  containerTargets,
  type ContainerSummary,
} from '../../../../lib/components/discovery.docker/container-targets.ts'

const OPTIONS = { port: 80, hostNetworkingHost: 'localhost', matchFirstNetwork: true }
const NETWORKS = [
  { Id: 'n1', Name: 'app', Scope: 'local', Internal: false, Ingress: false, Labels: { 'a.b': 'c' } },
  { Id: 'n2', Name: 'db', Scope: 'local', Internal: true, Ingress: false },
]

const addresses = (containers: ContainerSummary[], options = {}): (string | undefined)[] =>
  containerTargets(containers, NETWORKS, { ...OPTIONS, ...options }).map((target) =>
    target.get('__address__'),
  )

const container = (extra: Partial<ContainerSummary>): ContainerSummary => ({
  Id: 'c1',
  Names: ['/web'],
  HostConfig: { NetworkMode: 'app' },
  NetworkSettings: { Networks: { app: { NetworkID: 'n1', IPAddress: '172.18.0.2' } } },
  ...extra,
})

void t.test('a container without ports is one target, with everything known of it', (tap) => {
  const [target, ...more] = containerTargets(
    [container({ Labels: { 'com.docker.compose.service': 'web' } })],
    NETWORKS,
    OPTIONS,
  )
  tap.strictSame(more, [])
  tap.strictSame(Object.fromEntries(target!), {
    __address__: '172.18.0.2:80',
    __meta_docker_container_id: 'c1',
    __meta_docker_container_name: '/web',
    __meta_docker_container_network_mode: 'app',
    __meta_docker_container_label_com_docker_compose_service: 'web',
    __meta_docker_network_id: 'n1',
    __meta_docker_network_name: 'app',
    __meta_docker_network_scope: 'local',
    __meta_docker_network_internal: 'false',
    __meta_docker_network_ingress: 'false',
    __meta_docker_network_label_a_b: 'c',
    __meta_docker_network_ip: '172.18.0.2',
  })
  tap.end()
})

void t.test('each TCP port is a target, UDP ports are not', (tap) => {
  const ports = [
    { PrivatePort: 8080, PublicPort: 80, IP: '0.0.0.0', Type: 'tcp' },
    { PrivatePort: 9090, Type: 'tcp' },
    { PrivatePort: 53, Type: 'udp' },
  ]
  const targets = containerTargets([container({ Ports: ports })], NETWORKS, OPTIONS)
  tap.strictSame(
    targets.map((target) => [
      target.get('__address__'),
      target.get('__meta_docker_port_private'),
      target.get('__meta_docker_port_public'),
      target.get('__meta_docker_port_public_ip'),
    ]),
    [
      ['172.18.0.2:8080', '8080', '80', '0.0.0.0'],
      ['172.18.0.2:9090', '9090', undefined, undefined],
    ],
  )
  tap.end()
})

void t.test('of several networks the own one counts, or all of them', (tap) => {
  const two = container({
    HostConfig: { NetworkMode: 'db' },
    NetworkSettings: {
      Networks: {
        app: { NetworkID: 'n1', IPAddress: '172.18.0.2' },
        db: { NetworkID: 'n2', IPAddress: '172.19.0.2' },
      },
    },
  })
  tap.strictSame(addresses([two]), ['172.19.0.2:80'], 'the network it was started in')
  tap.strictSame(
    addresses([{ ...two, HostConfig: { NetworkMode: 'default' } }]),
    ['172.18.0.2:80'],
    'first by name',
  )
  tap.strictSame(addresses([two], { matchFirstNetwork: false }), ['172.18.0.2:80', '172.19.0.2:80'])
  tap.end()
})

void t.test("host networking, another container's network, IPv6, and no name", (tap) => {
  const host = container({
    HostConfig: { NetworkMode: 'host' },
    NetworkSettings: { Networks: { host: { NetworkID: 'h', IPAddress: '' } } },
  })
  tap.strictSame(addresses([host], { hostNetworkingHost: '10.0.0.1' }), ['10.0.0.1'])
  const sidecar = container({
    Id: 'c2',
    Names: ['/sidecar'],
    HostConfig: { NetworkMode: 'container:c1' },
    NetworkSettings: { Networks: {} },
  })
  tap.strictSame(addresses([container({}), sidecar]), ['172.18.0.2:80', '172.18.0.2:80'])
  tap.strictSame(addresses([sidecar]), [], 'whose container is gone')
  const loop = { ...sidecar, Id: 'c3', HostConfig: { NetworkMode: 'container:c3' } }
  tap.strictSame(addresses([loop]), [], 'a circle ends')
  const v6 = container({ NetworkSettings: { Networks: { app: { NetworkID: 'n1', IPAddress: 'fd00::2' } } } })
  tap.strictSame(addresses([v6]), ['[fd00::2]:80'])
  tap.strictSame(addresses([container({ Names: [] })]), [])
  tap.end()
})
