/** Service discoveries that find the targets of files: from files, DNS, containers and service catalogues. */
import {
  attribute,
  block,
  blockUnlessEmpty,
  expression,
  listAttribute,
  mapAttribute,
  timeAttribute,
  type Block,
} from './alloy-text.ts'
import {
  azure,
  digitalOcean,
  ec2,
  gce,
  marathon,
  nerve,
  openstack,
  serverset,
  triton,
} from './cloud-discovery.ts'
import { checkDiscoveryHttp, discoveryKind, filterBlocks, filters } from './discovery-kind.ts'
import { checkHttp, httpBody, httpShape, isPlainHttp, noteLost, tlsBody, tlsConfig } from './http-client.ts'
import {
  bool,
  choice,
  int,
  isGoUrl,
  list,
  map,
  prometheusTime,
  struct,
  text,
  texts,
  url,
  type Value,
} from './read.ts'

const second = 1e9
const minute = 60 * second

const consul = discoveryKind(
  'consul',
  {
    server: text('localhost:8500'),
    path_prefix: text(),
    token: text(),
    datacenter: text(),
    namespace: text(),
    partition: text(),
    tag_separator: text(','),
    scheme: text('http'),
    username: text(),
    password: text(),
    allow_stale: bool(true),
    refresh_interval: prometheusTime(30 * second),
    services: texts(),
    tags: texts(),
    node_meta: map(text()),
    filter: text(),
    health_filter: text(),
    ...httpShape,
  },
  (config, refuse) => {
    const login = config.username !== '' || config.password !== ''
    if (config.server.trim() === '') refuse('consul discovery needs a server')
    if (login && config.basic_auth !== undefined) refuse('give only one of username, password and basic_auth')
    if (config.token !== '' && (config.authorization !== undefined || config.oauth2 !== undefined))
      refuse('give only one of token, authorization and oauth2')
    checkHttp(config, refuse)
  },
  (config, findings) => {
    checkDiscoveryHttp(config, findings)
    noteLost(config.origin, ['path_prefix', 'filter', 'health_filter'], findings)
    return [
      attribute('server', config.server, 'localhost:8500'),
      attribute('token', config.token, ''),
      attribute('datacenter', config.datacenter, ''),
      attribute('namespace', config.namespace, ''),
      attribute('partition', config.partition, ''),
      attribute('tag_separator', config.tag_separator, ','),
      attribute('scheme', config.scheme, 'http'),
      attribute('username', config.username, ''),
      attribute('password', config.password, ''),
      attribute('allow_stale', config.allow_stale, true),
      listAttribute('services', config.services),
      listAttribute('tags', config.tags),
      mapAttribute('node_meta', config.node_meta),
      timeAttribute('refresh_interval', config.refresh_interval, 30 * second),
      loginBlock(config.username, config.password),
      ...httpBody(config),
    ]
  },
)

function loginBlock(username: string, password: string): Block | undefined {
  return blockUnlessEmpty('basic_auth', [
    attribute('username', username, ''),
    attribute('password', password, ''),
  ])
}

const consulAgent = discoveryKind(
  'consulagent',
  {
    server: text('localhost:8500'),
    token: text(),
    datacenter: text(),
    tag_separator: text(','),
    scheme: text('http'),
    username: text(),
    password: text(),
    allow_stale: bool(true),
    refresh_interval: prometheusTime(30 * second),
    services: texts(),
    tags: texts(),
    node_meta: map(text()),
    tls_config: tlsConfig,
  },
  (config, refuse) => {
    if (config.server.trim() === '') refuse('consulagent discovery needs a server')
  },
  (config, findings) => {
    if ((config.node_meta?.size ?? 0) > 0)
      findings.add(
        'warning',
        'node_meta is left out: discovery.consulagent does not use it',
        config.origin.range,
      )
    return [
      attribute('server', config.server, 'localhost:8500'),
      attribute('token', config.token, ''),
      attribute('datacenter', config.datacenter, ''),
      attribute('tag_separator', config.tag_separator, ','),
      attribute('scheme', config.scheme, 'http'),
      attribute('username', config.username, ''),
      attribute('password', config.password, ''),
      timeAttribute('refresh_interval', config.refresh_interval, 30 * second),
      listAttribute('services', config.services),
      listAttribute('tags', config.tags),
      blockUnlessEmpty('tls_config', tlsBody(config.tls_config)),
    ]
  },
)

const dockerShape = {
  host: text(),
  port: int(80),
  filters,
  host_networking_host: text('localhost'),
  refresh_interval: prometheusTime(minute),
  match_first_network: bool(true),
  ...httpShape,
}

/** The options of `docker_sd_configs`, which `loki.source.docker` needs too. */
export type Docker = Value<typeof dockerShape>

/** Containers of a Docker host. */
export const docker = discoveryKind(
  'docker',
  dockerShape,
  (config, refuse) => {
    if (config.host === '') refuse('docker discovery needs a host')
    else if (!isGoUrl(config.host)) refuse(`"${config.host}" is not a URL`)
    checkHttp(config, refuse)
  },
  (config, findings) => {
    checkDiscoveryHttp(config, findings)
    return [
      attribute('host', config.host),
      attribute('port', config.port, 80),
      attribute('host_networking_host', config.host_networking_host, 'localhost'),
      timeAttribute('refresh_interval', config.refresh_interval, minute),
      attribute('match_first_network', config.match_first_network, true),
      ...filterBlocks(config.filters),
      ...httpBody(config),
    ]
  },
)

const dockerSwarm = discoveryKind(
  'dockerswarm',
  {
    host: text(),
    role: text(),
    port: int(80),
    filters,
    refresh_interval: prometheusTime(minute),
    ...httpShape,
  },
  (config, refuse) => {
    if (config.host === '') refuse('dockerswarm discovery needs a host')
    else if (!isGoUrl(config.host)) refuse(`"${config.host}" is not a URL`)
    if (!['services', 'nodes', 'tasks'].includes(config.role))
      refuse('dockerswarm discovery needs a role: services, nodes or tasks')
    checkHttp(config, refuse)
  },
  (config, findings) => {
    checkDiscoveryHttp(config, findings)
    return [
      attribute('host', config.host),
      attribute('role', config.role),
      attribute('port', config.port, 80),
      ...filterBlocks(config.filters),
      timeAttribute('refresh_interval', config.refresh_interval, minute),
      ...httpBody(config),
    ]
  },
)

const dns = discoveryKind(
  'dns',
  { names: texts(), refresh_interval: prometheusTime(30 * second), type: text('SRV'), port: int() },
  (config, refuse) => {
    const type = config.type.toUpperCase()
    if ((config.names?.length ?? 0) === 0) refuse('dns discovery needs names')
    if (!['SRV', 'A', 'AAAA', 'MX', 'NS'].includes(type)) refuse('type must be SRV, A, AAAA, MX or NS')
    else if (type !== 'SRV' && config.port === 0) refuse(`dns discovery of type ${type} needs a port`)
  },
  (config) => [
    listAttribute('names', config.names),
    timeAttribute('refresh_interval', config.refresh_interval, 30 * second),
    attribute('type', config.type, 'SRV'),
    attribute('port', config.port, 0),
  ],
)

const discoveryFile = /^[^*]*(?:\*[^/]*)?\.(?:json|yml|yaml|JSON|YML|YAML)$/

const file = discoveryKind(
  'file',
  { files: texts(), refresh_interval: prometheusTime(5 * minute) },
  (config, refuse) => {
    if ((config.files?.length ?? 0) === 0) refuse('file discovery needs files')
    for (const name of config.files ?? [])
      if (!discoveryFile.test(name)) refuse(`"${name}" has to end with .json, .yml or .yaml`)
  },
  (config) => [
    listAttribute('files', config.files),
    timeAttribute('refresh_interval', config.refresh_interval, 5 * minute),
  ],
)

const roles = ['node', 'pod', 'service', 'endpoints', 'endpointslice', 'ingress']
const selectorsOfRole: Readonly<Record<string, readonly string[]>> = {
  pod: ['pod', 'node'],
  service: ['service'],
  endpointslice: ['pod', 'service', 'endpointslice'],
  endpoints: ['pod', 'service', 'endpoints'],
  node: ['node'],
  ingress: ['ingress'],
}
const selector = struct({ role: choice(roles), label: text(), field: text() })

/** Promtail looks only for pods of its own node. */
const ownNode = '"spec.nodeName=" + coalesce(sys.env("HOSTNAME"), constants.hostname)'

const kubernetes = discoveryKind(
  'kubernetes',
  {
    api_server: url(),
    role: choice(roles),
    kubeconfig_file: text(),
    ...httpShape,
    namespaces: struct({ own_namespace: bool(), names: texts() }),
    selectors: list(selector),
    attach_metadata: struct({
      node: bool(),
      namespace: bool(),
      deployment: bool(),
      job: bool(),
      cronjob: bool(),
    }),
  },
  (config, refuse) => {
    const { role, api_server: server, kubeconfig_file: kubeconfig } = config
    if (role === '') refuse(`kubernetes discovery needs a role: ${roles.join(', ')}`)
    checkHttp(config, refuse)
    if (server !== '' && kubeconfig !== '') refuse('give only one of api_server and kubeconfig_file')
    if (server === '' && !isPlainHttp(config)) refuse('options of an HTTP client need an api_server')
    if (config.namespaces.own_namespace && (server !== '' || kubeconfig !== ''))
      refuse('own_namespace goes neither with api_server nor with kubeconfig_file')
    const seen = new Set<string>()
    for (const given of config.selectors ?? []) {
      if (seen.has(given.role)) refuse(`there are two selectors of the role ${given.role}`)
      seen.add(given.role)
      const allowed = selectorsOfRole[role] ?? []
      if (!allowed.includes(given.role))
        refuse(`the role ${role} takes only selectors of ${allowed.join(', ')}`)
    }
  },
  (config, findings) => {
    checkDiscoveryHttp(config, findings)
    const { attach_metadata: metadata } = config
    noteLost(metadata.origin, ['deployment', 'job', 'cronjob'], findings)
    return [
      attribute('api_server', config.api_server, ''),
      attribute('role', config.role),
      attribute('kubeconfig_file', config.kubeconfig_file, ''),
      ...httpBody(config),
      blockUnlessEmpty('namespaces', [
        attribute('own_namespace', config.namespaces.own_namespace, false),
        listAttribute('names', config.namespaces.names),
      ]),
      ...(config.selectors ?? []).map(({ role, label, field }) =>
        block('selectors', [
          attribute('role', role),
          attribute('label', label, ''),
          attribute('field', field, ''),
        ]),
      ),
      config.role === 'pod'
        ? block('selectors', [attribute('role', 'pod'), expression('field', ownNode)])
        : undefined,
      blockUnlessEmpty('attach_metadata', [
        attribute('node', metadata.node, false),
        attribute('namespace', metadata.namespace, false),
      ]),
    ]
  },
)

/** The discoveries by their field of a scrape config, in the order in which their components are written. */
export const discoveries = {
  azure_sd_configs: azure,
  consul_sd_configs: consul,
  digitalocean_sd_configs: digitalOcean,
  dockerswarm_sd_configs: dockerSwarm,
  dns_sd_configs: dns,
  ec2_sd_configs: ec2,
  file_sd_configs: file,
  gce_sd_configs: gce,
  kubernetes_sd_configs: kubernetes,
  marathon_sd_configs: marathon,
  nerve_sd_configs: nerve,
  openstack_sd_configs: openstack,
  serverset_sd_configs: serverset,
  triton_sd_configs: triton,
  consulagent_sd_configs: consulAgent,
} as const
