/** `loki.source.docker` and `discovery.docker`: logs of containers. Their arguments are known; they do not run yet. */
import { defineComponent } from '../../component/component.ts'
import { LogstreamError } from '../../errors.ts'
import {
  blocks,
  blockWithDefaults,
  duration,
  flag,
  list,
  map,
  optional,
  required,
  text,
} from '../../component/fields.ts'
import { clientFields } from '../../net/client/fields.ts'
import { forwardField, labelsField, numberField, rulesField } from '../../component/options/source.ts'
import { refuse } from '../unavailable.ts'

const hostField = required(text, 'Docker, as unix:///var/run/docker.sock or tcp://host:2375.')

export const lokiSourceDocker = defineComponent({
  name: 'loki.source.docker',
  summary: 'Reads the logs of Docker containers.',
  fields: {
    host: hostField,
    targets: required(list(map(text)), 'Containers, as discovery.docker finds them.'),
    forward_to: forwardField,
    labels: labelsField,
    relabel_rules: rulesField,
    http_client_config: blockWithDefaults(clientFields, 'Credentials, proxy and TLS.'),
    refresh_interval: optional(duration, 60_000, 'Time between two looks for containers that are gone.'),
  },
  stability: 'generally-available',
  exports: {},
  create: ({ host }) => {
    checkHost(host)
    return refuse('loki.source.docker')
  },
})

export const discoveryDocker = defineComponent({
  name: 'discovery.docker',
  summary: 'Finds Docker containers.',
  fields: {
    host: hostField,
    port: numberField(80, 'Port of targets that publish none.'),
    host_networking_host: optional(text, 'localhost', 'Host of containers on the network of the host.'),
    refresh_interval: optional(duration, 60_000, 'Time between two looks.'),
    match_first_network: optional(flag, true, 'Only the first network of a container makes targets.'),
    filter: blocks(
      { name: required(text, 'Name of the filter.'), values: required(list(text), 'Its values.') },
      'Filters of the Docker API.',
    ),
    ...clientFields,
  },
  stability: 'generally-available',
  exports: { targets: 'list(map(string)): the containers' },
  create: ({ host }) => {
    checkHost(host)
    return refuse('discovery.docker')
  },
})

function checkHost(host: string): void {
  if (/^(?:unix|tcp|http|https|npipe|ssh|fd):\/\//.test(host)) return
  throw new LogstreamError(
    'BAD_CONFIG',
    `host: expected a URL such as unix:///var/run/docker.sock, found "${host}"`,
    { option: 'host' },
  )
}
