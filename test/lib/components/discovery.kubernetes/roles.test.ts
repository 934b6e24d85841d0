/** Targets of each role, with the labels that the documentation of Prometheus' kubernetes_sd_configs lists. */
import t from 'tap'
import { TARGETS } from '../../../../lib/components/discovery.kubernetes/roles.ts'
import type { Surroundings, Target } from '../../../../lib/components/discovery.kubernetes/target.ts'
import type { Node, Pod, Service } from '../../../../lib/net/kubernetes/objects.ts'

const NOTHING: Surroundings = {
  nodes: false,
  node: () => undefined,
  namespace: () => undefined,
  service: () => undefined,
  pod: () => undefined,
}

const POD: Pod = {
  metadata: {
    name: 'web-1',
    namespace: 'shop',
    uid: 'u1',
    labels: { 'app.kubernetes.io/name': 'web' },
    annotations: { 'prometheus.io/port': '80' },
    ownerReferences: [
      { kind: 'Other', name: 'o' },
      { kind: 'ReplicaSet', name: 'web', controller: true },
    ],
  },
  spec: {
    nodeName: 'n1',
    containers: [
      {
        name: 'main',
        image: 'web:1',
        ports: [
          { name: 'http', containerPort: 8080, protocol: 'TCP' },
          { containerPort: 9090, protocol: 'UDP' },
        ],
      },
      { name: 'side', image: 'side:1' },
    ],
    initContainers: [{ name: 'setup', image: 'setup:1' }],
  },
  status: {
    phase: 'Running',
    podIP: '10.0.0.1',
    hostIP: '192.168.0.1',
    conditions: [{ type: 'Ready', status: 'True' }],
    containerStatuses: [{ name: 'main', containerID: 'containerd://c1' }],
    initContainerStatuses: [{ name: 'setup', containerID: 'containerd://c0' }],
  },
}

const POD_LABELS = {
  pod_ip: '10.0.0.1',
  pod_ready: 'true',
  pod_phase: 'Running',
  pod_node_name: 'n1',
  pod_host_ip: '192.168.0.1',
  pod_uid: 'u1',
  pod_name: 'web-1',
  pod_label_app_kubernetes_io_name: 'web',
  pod_labelpresent_app_kubernetes_io_name: 'true',
  pod_annotation_prometheus_io_port: '80',
  pod_annotationpresent_prometheus_io_port: 'true',
  pod_controller_kind: 'ReplicaSet',
  pod_controller_name: 'web',
}

const SERVICE: Service = {
  metadata: { name: 'web', namespace: 'shop', labels: { team: 'blue' } },
  spec: { type: 'ClusterIP', clusterIP: '10.1.0.1', ports: [{ name: 'http', port: 80, protocol: 'TCP' }] },
}

const SERVICE_LABELS = {
  namespace: 'shop',
  service_name: 'web',
  service_label_team: 'blue',
  service_labelpresent_team: 'true',
}

const NODE: Node = {
  metadata: { name: 'n1', labels: { zone: 'a' } },
  spec: { providerID: 'aws:///i-1' },
  status: {
    conditions: [{ type: 'Ready', status: 'True' }],
    addresses: [
      { type: 'Hostname', address: 'n1.local' },
      { type: 'InternalIP', address: '192.168.0.1' },
      { type: 'InternalIP', address: 'fd00::1' },
    ],
    daemonEndpoints: { kubeletEndpoint: { Port: 10250 } },
  },
}

const NODE_LABELS = { node_name: 'n1', node_label_zone: 'a', node_labelpresent_zone: 'true' }

const KNOWN: Surroundings = {
  ...NOTHING,
  service: (key) => (key === 'shop/web' ? SERVICE : undefined),
  pod: (key) => (key === 'shop/web-1' ? POD : undefined),
}

/** The labels of targets; `__meta_kubernetes_` is left out. */
function shown(targets: readonly Target[]): Record<string, string>[] {
  return targets.map((target) =>
    Object.fromEntries([...target].map(([name, value]) => [name.replace('__meta_kubernetes_', ''), value])),
  )
}

const main = (number: number, name: string, protocol: string) => ({
  pod_container_name: 'main',
  pod_container_image: 'web:1',
  pod_container_init: 'false',
  pod_container_port_name: name,
  pod_container_port_number: String(number),
  pod_container_port_protocol: protocol,
})

void t.test('pod', (tap) => {
  const common = { namespace: 'shop', ...POD_LABELS }
  tap.same(shown(TARGETS.pod(POD, NOTHING)), [
    {
      __address__: '10.0.0.1:8080',
      ...common,
      pod_container_id: 'containerd://c1',
      ...main(8080, 'http', 'TCP'),
    },
    {
      __address__: '10.0.0.1:9090',
      ...common,
      pod_container_id: 'containerd://c1',
      ...main(9090, '', 'UDP'),
    },
    {
      __address__: '10.0.0.1',
      ...common,
      pod_container_id: '',
      pod_container_name: 'side',
      pod_container_image: 'side:1',
      pod_container_init: 'false',
    },
    {
      __address__: '10.0.0.1',
      ...common,
      pod_container_id: 'containerd://c0',
      pod_container_name: 'setup',
      pod_container_image: 'setup:1',
      pod_container_init: 'true',
    },
  ])
  const v6 = { ...POD, status: { ...POD.status, podIP: 'fd00::9' } }
  tap.equal(TARGETS.pod(v6, NOTHING)[0]!.get('__address__'), '[fd00::9]:8080')
  tap.same(TARGETS.pod({ ...POD, status: { phase: 'Pending' } }, NOTHING), [], 'without an address')
  tap.equal(
    TARGETS.pod({ ...POD, status: { podIP: '1.2.3.4' } }, NOTHING)[0]!.get('__meta_kubernetes_pod_ready'),
    'unknown',
  )
  tap.end()
})

void t.test('node', (tap) => {
  tap.same(shown(TARGETS.node(NODE, NOTHING)), [
    {
      __address__: '192.168.0.1:10250',
      instance: 'n1',
      node_provider_id: 'aws:///i-1',
      node_condition_ready: 'true',
      node_address_Hostname: 'n1.local',
      node_address_InternalIP: '192.168.0.1',
      ...NODE_LABELS,
    },
  ])
  tap.same(TARGETS.node({ metadata: { name: 'n' } }, NOTHING), [], 'without an address')
  tap.end()
})

void t.test('service', (tap) => {
  const port = { service_port_name: 'http', service_port_number: '80', service_port_protocol: 'TCP' }
  tap.same(shown(TARGETS.service(SERVICE, NOTHING)), [
    {
      __address__: 'web.shop.svc:80',
      ...SERVICE_LABELS,
      ...port,
      service_type: 'ClusterIP',
      service_cluster_ip: '10.1.0.1',
    },
  ])
  const external = { ...SERVICE, spec: { ...SERVICE.spec, type: 'ExternalName', externalName: 'x.example' } }
  tap.match(shown(TARGETS.service(external, NOTHING)), [{ service_external_name: 'x.example' }])
  tap.equal(TARGETS.service(external, NOTHING)[0]!.has('__meta_kubernetes_service_cluster_ip'), false)
  const balanced = {
    ...SERVICE,
    spec: { ...SERVICE.spec, type: 'LoadBalancer', loadBalancerIP: '9.9.9.9' },
    status: { loadBalancer: { ingress: [{ ip: '1.1.1.1' }, {}, { ip: '2.2.2.2' }] } },
  }
  tap.match(shown(TARGETS.service(balanced, NOTHING)), [{ service_loadbalancer_ip: '1.1.1.1,2.2.2.2' }])
  tap.match(shown(TARGETS.service({ ...balanced, status: {} }, NOTHING)), [
    { service_loadbalancer_ip: '9.9.9.9' },
  ])
  tap.end()
})

const reference = { kind: 'Pod', name: 'web-1', namespace: 'shop' }

void t.test('endpoints', (tap) => {
  const targets = TARGETS.endpoints(
    {
      metadata: { name: 'web', namespace: 'shop' },
      subsets: [
        {
          ports: [{ name: 'http', port: 8080, protocol: 'TCP' }],
          addresses: [{ ip: '10.0.0.1', nodeName: 'n1', targetRef: reference }],
          notReadyAddresses: [{ ip: '10.0.0.7', hostname: 'h' }],
        },
      ],
    },
    KNOWN,
  )
  const group = { ...SERVICE_LABELS, endpoints_name: 'web' }
  const port = { endpoint_port_name: 'http', endpoint_port_protocol: 'TCP' }
  tap.same(shown(targets), [
    {
      __address__: '10.0.0.1:8080',
      ...group,
      ...port,
      endpoint_ready: 'true',
      endpoint_address_target_kind: 'Pod',
      endpoint_address_target_name: 'web-1',
      endpoint_node_name: 'n1',
      ...POD_LABELS,
      ...main(8080, 'http', 'TCP'),
    },
    { __address__: '10.0.0.7:8080', ...group, ...port, endpoint_ready: 'false', endpoint_hostname: 'h' },
    { __address__: '10.0.0.1:9090', ...group, ...POD_LABELS, ...main(9090, '', 'UDP') },
  ])
  tap.end()
})

void t.test('endpointslice', (tap) => {
  const slice = {
    metadata: { name: 'web-abc', namespace: 'shop', labels: { 'kubernetes.io/service-name': 'web' } },
    addressType: 'IPv4',
    ports: [{ name: 'http', port: 8080, protocol: 'TCP', appProtocol: 'h2c' }],
    endpoints: [
      {
        addresses: ['10.0.0.1'],
        conditions: { ready: true, serving: true, terminating: false },
        nodeName: 'n1',
        zone: 'a',
        targetRef: reference,
        deprecatedTopology: { 'topology.kubernetes.io/zone': 'a' },
      },
    ],
  }
  const around = {
    ...KNOWN,
    nodes: true,
    node: (name: string | undefined) => (name === 'n1' ? NODE : undefined),
  }
  const group = {
    ...SERVICE_LABELS,
    endpointslice_name: 'web-abc',
    endpointslice_label_kubernetes_io_service_name: 'web',
    endpointslice_labelpresent_kubernetes_io_service_name: 'true',
    endpointslice_address_type: 'IPv4',
  }
  tap.same(shown(TARGETS.endpointslice(slice, around)), [
    {
      __address__: '10.0.0.1:8080',
      ...group,
      endpointslice_port_name: 'http',
      endpointslice_port_protocol: 'TCP',
      endpointslice_port: '8080',
      endpointslice_port_app_protocol: 'h2c',
      endpointslice_endpoint_conditions_ready: 'true',
      endpointslice_endpoint_conditions_serving: 'true',
      endpointslice_endpoint_conditions_terminating: 'false',
      endpointslice_endpoint_node_name: 'n1',
      endpointslice_endpoint_zone: 'a',
      endpointslice_address_target_kind: 'Pod',
      endpointslice_address_target_name: 'web-1',
      endpointslice_endpoint_topology_topology_kubernetes_io_zone: 'a',
      endpointslice_endpoint_topology_present_topology_kubernetes_io_zone: 'true',
      ...NODE_LABELS,
      ...POD_LABELS,
      ...main(8080, 'http', 'TCP'),
    },
    { __address__: '10.0.0.1:9090', ...group, ...POD_LABELS, ...main(9090, '', 'UDP') },
  ])
  const dual = {
    ...SERVICE,
    spec: { ...SERVICE.spec, ipFamilyPolicy: 'PreferDualStack', ipFamilies: ['IPv6', 'IPv4'] },
  }
  tap.same(
    TARGETS.endpointslice(slice, { ...around, service: () => dual }),
    [],
    'the second family of a service',
  )
  tap.end()
})

void t.test('ingress', (tap) => {
  const targets = TARGETS.ingress(
    {
      metadata: { name: 'i', namespace: 'shop' },
      spec: {
        ingressClassName: 'nginx',
        tls: [{ hosts: ['*.example.org'] }],
        rules: [
          { host: 'a.example.org', http: { paths: [{ path: '/x' }, {}] } },
          { host: 'b.a.example.org' },
        ],
      },
    },
    NOTHING,
  )
  const at = (host: string, scheme: string, path: string) => ({
    __address__: host,
    namespace: 'shop',
    ingress_name: 'i',
    ingress_class_name: 'nginx',
    ingress_scheme: scheme,
    ingress_host: host,
    ingress_path: path,
  })
  tap.same(shown(targets), [
    at('a.example.org', 'https', '/x'),
    at('a.example.org', 'https', '/'),
    at('b.a.example.org', 'http', '/'),
  ])
  tap.end()
})
