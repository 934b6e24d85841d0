/** Service discoveries that ask the interface of a cloud or of a cluster manager. */
import { attribute, block, blockUnlessEmpty, listAttribute, timeAttribute, type Body } from './alloy-text.ts'
import {
  checkDiscoveryHttp,
  discoveryKind,
  filterBlocks,
  filters,
  type DiscoveryKind,
} from './discovery-kind.ts'
import {
  checkHttp,
  httpBody,
  httpShape,
  noteLost,
  tlsBody,
  tlsConfig,
  type HttpClient,
} from './http-client.ts'
import { bool, choice, int, prometheusTime, text, texts, type Value } from './read.ts'

const second = 1e9
const minute = 60 * second

const azureShape = {
  environment: text('AzurePublicCloud'),
  port: int(80),
  subscription_id: text(),
  tenant_id: text(),
  client_id: text(),
  client_secret: text(),
  refresh_interval: prometheusTime(5 * minute),
  authentication_method: text('OAuth'),
  resource_group: text(),
  ...httpShape,
}

export const azure = discoveryKind(
  'azure',
  azureShape,
  (config, refuse) => {
    const methods = ['OAuth', 'ManagedIdentity', 'SDK', 'WorkloadIdentity']
    if (config.subscription_id === '') refuse('azure discovery needs a subscription_id')
    if (!methods.includes(config.authentication_method))
      refuse(`authentication_method must be one of ${methods.join(', ')}`)
    if (config.authentication_method === 'OAuth')
      for (const name of ['tenant_id', 'client_id', 'client_secret'] as const)
        if (config[name] === '') refuse(`azure discovery by OAuth needs a ${name}`)
    checkHttp(config, refuse)
  },
  (config, findings) => {
    checkDiscoveryHttp(config, findings)
    return [
      attribute('environment', config.environment, 'AzurePublicCloud'),
      attribute('port', config.port, 80),
      attribute('subscription_id', config.subscription_id, ''),
      ...azureLogin(config),
      timeAttribute('refresh_interval', config.refresh_interval, 5 * minute),
      attribute('resource_group', config.resource_group, ''),
      ...withoutLogin(config),
    ]
  },
)

function azureLogin(config: Value<typeof azureShape>): Body {
  switch (config.authentication_method) {
    case 'ManagedIdentity':
      return [block('managed_identity', [attribute('client_id', config.client_id)])]
    case 'SDK':
      return [block('sdk_auth', [attribute('tenant_id', config.tenant_id, '')])]
    case 'WorkloadIdentity':
      return [block('workload_identity', [])]
    default:
      return [
        block('oauth', [
          attribute('client_id', config.client_id),
          attribute('tenant_id', config.tenant_id),
          attribute('client_secret', config.client_secret),
        ]),
      ]
  }
}

const logins = new Set(['basic_auth', 'authorization', 'oauth2'])

/** What is left of an HTTP client for components that log in by other means. */
function withoutLogin(client: HttpClient): Body {
  return httpBody(client).filter((item) => item === undefined || !logins.has(item.name))
}

export const digitalOcean = discoveryKind(
  'digitalocean',
  {
    refresh_interval: prometheusTime(minute),
    port: int(80),
    role: choice(['droplets', 'databases'], 'droplets'),
    ...httpShape,
  },
  (config, refuse) => {
    if (config.role === '') refuse('digitalocean discovery needs a role: droplets or databases')
    checkHttp(config, refuse)
  },
  (config, findings) => {
    const bearer = config.bearer_token !== '' || config.bearer_token_file !== ''
    const refuse = (name: string) =>
      findings.add('error', `${name} of digitalocean_sd_configs cannot be converted`, config.origin.range)
    if (config.basic_auth !== undefined) refuse('basic_auth')
    if (config.authorization !== undefined) refuse('authorization')
    if (bearer) refuse('bearer_token')
    if (config.oauth2 !== undefined) refuse('oauth2')
    if (tlsBody(config.tls_config).some((item) => item !== undefined)) refuse('tls_config')
    checkDiscoveryHttp(config, findings)
    noteLost(config.origin, ['role'], findings)
    return [
      timeAttribute('refresh_interval', config.refresh_interval, minute),
      attribute('port', config.port, 80),
      ...withoutLogin(config).filter((item) => item?.name !== 'tls_config'),
    ]
  },
)

export const ec2 = discoveryKind(
  'ec2',
  {
    endpoint: text(),
    region: text(),
    access_key: text(),
    secret_key: text(),
    profile: text(),
    role_arn: text(),
    external_id: text(),
    refresh_interval: prometheusTime(minute),
    port: int(80),
    filters,
    ...httpShape,
  },
  (config, refuse) => {
    if (config.filters?.some(({ values }) => (values?.length ?? 0) === 0)) refuse('a filter needs values')
    checkHttp(config, refuse)
  },
  (config, findings) => {
    checkDiscoveryHttp(config, findings)
    noteLost(config.origin, ['external_id'], findings)
    return [
      attribute('endpoint', config.endpoint, ''),
      attribute('region', config.region, ''),
      attribute('access_key', config.access_key, ''),
      attribute('secret_key', config.secret_key, ''),
      attribute('profile', config.profile, ''),
      attribute('role_arn', config.role_arn, ''),
      timeAttribute('refresh_interval', config.refresh_interval, minute),
      attribute('port', config.port, 80),
      ...filterBlocks(config.filters),
      ...httpBody(config),
    ]
  },
)

export const gce = discoveryKind(
  'gce',
  {
    project: text(),
    zone: text(),
    filter: text(),
    refresh_interval: prometheusTime(minute),
    port: int(80),
    tag_separator: text(','),
  },
  (config, refuse) => {
    if (config.project === '') refuse('gce discovery needs a project')
    if (config.zone === '') refuse('gce discovery needs a zone')
  },
  (config) => [
    attribute('project', config.project),
    attribute('zone', config.zone),
    attribute('filter', config.filter, ''),
    timeAttribute('refresh_interval', config.refresh_interval, minute),
    attribute('port', config.port, 80),
    attribute('tag_separator', config.tag_separator, ','),
  ],
)

export const marathon = discoveryKind(
  'marathon',
  {
    servers: texts(),
    refresh_interval: prometheusTime(30 * second),
    auth_token: text(),
    auth_token_file: text(),
    ...httpShape,
  },
  (config, refuse) => {
    const token = config.auth_token !== '' || config.auth_token_file !== ''
    const bearer = config.bearer_token !== '' || config.bearer_token_file !== ''
    if ((config.servers?.length ?? 0) === 0) refuse('marathon discovery needs servers')
    if (config.auth_token !== '' && config.auth_token_file !== '')
      refuse('give only one of auth_token and auth_token_file')
    if (token && (config.basic_auth !== undefined || bearer || config.authorization !== undefined))
      refuse('an auth_token goes with no other login')
    checkHttp(config, refuse)
  },
  (config, findings) => {
    checkDiscoveryHttp(config, findings)
    return [
      listAttribute('servers', config.servers),
      timeAttribute('refresh_interval', config.refresh_interval, 30 * second),
      attribute('auth_token', config.auth_token, ''),
      attribute('auth_token_file', config.auth_token_file, ''),
      ...httpBody(config),
    ]
  },
)

const zookeeperShape = { servers: texts(), paths: texts(), timeout: prometheusTime(10 * second) }

function zookeeper(component: string): DiscoveryKind<Value<typeof zookeeperShape>> {
  return discoveryKind(
    component,
    zookeeperShape,
    (config, refuse) => {
      if ((config.servers?.length ?? 0) === 0) refuse(`${component} discovery needs servers`)
      if ((config.paths?.length ?? 0) === 0) refuse(`${component} discovery needs paths`)
      for (const path of config.paths ?? [])
        if (!path.startsWith('/')) refuse(`the path "${path}" has to begin with /`)
    },
    (config) => [
      listAttribute('servers', config.servers),
      listAttribute('paths', config.paths),
      timeAttribute('timeout', config.timeout, 10 * second),
    ],
  )
}

export const nerve = zookeeper('nerve')
export const serverset = zookeeper('serverset')

const openstackTexts = {
  identity_endpoint: text(),
  username: text(),
  userid: text(),
  password: text(),
  project_name: text(),
  project_id: text(),
  domain_name: text(),
  domain_id: text(),
  application_credential_name: text(),
  application_credential_id: text(),
  application_credential_secret: text(),
}

export const openstack = discoveryKind(
  'openstack',
  {
    ...openstackTexts,
    role: choice(['hypervisor', 'instance', 'loadbalancer']),
    region: text(),
    refresh_interval: prometheusTime(minute),
    port: int(80),
    all_tenants: bool(),
    tls_config: tlsConfig,
    availability: choice(['public', 'internal', 'admin'], 'public'),
  },
  (config, refuse) => {
    if (config.role === '') refuse('openstack discovery needs a role: instance, hypervisor or loadbalancer')
    if (config.region === '') refuse('openstack discovery needs a region')
    if (config.availability === '') refuse('availability must be public, internal or admin')
  },
  (config) => [
    ...Object.keys(openstackTexts).map((name) =>
      attribute(name, config[name as keyof typeof openstackTexts], ''),
    ),
    attribute('role', config.role),
    attribute('region', config.region),
    timeAttribute('refresh_interval', config.refresh_interval, minute),
    attribute('port', config.port, 80),
    attribute('all_tenants', config.all_tenants, false),
    blockUnlessEmpty('tls_config', tlsBody(config.tls_config)),
    attribute('availability', config.availability, 'public'),
  ],
)

export const triton = discoveryKind(
  'triton',
  {
    account: text(),
    role: text('container'),
    dns_suffix: text(),
    endpoint: text(),
    groups: texts(),
    port: int(9163),
    refresh_interval: prometheusTime(minute),
    tls_config: tlsConfig,
    version: int(1),
  },
  (config, refuse) => {
    if (config.role !== 'container' && config.role !== 'cn') refuse('role must be container or cn')
    for (const name of ['account', 'dns_suffix', 'endpoint'] as const)
      if (config[name] === '') refuse(`triton discovery needs a ${name}`)
    if (config.refresh_interval <= 0) refuse('refresh_interval must be above 0')
  },
  (config) => [
    attribute('account', config.account),
    attribute('role', config.role, 'container'),
    attribute('dns_suffix', config.dns_suffix),
    attribute('endpoint', config.endpoint),
    listAttribute('groups', config.groups),
    attribute('port', config.port, 9163),
    timeAttribute('refresh_interval', config.refresh_interval, minute),
    attribute('version', config.version, 1),
    blockUnlessEmpty('tls_config', tlsBody(config.tls_config)),
  ],
)
