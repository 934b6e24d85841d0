/** The arguments that every Kubernetes client of the language has, and the rules between them. */
import { block, flag, optional, required, text, type Fields, type OptionsOf } from '../../component/fields.ts'
import { blame } from '../../component/origin.ts'
import { LogstreamError } from '../../errors.ts'
import { clientFields } from '../client/fields.ts'

export const kubernetesFields = {
  api_server: optional(text, '', 'URL of the API server; left out: that of the cluster logstream runs in.'),
  kubeconfig_file: optional(text, '', 'kubeconfig file; its current context is used.'),
  ...clientFields,
}

export type KubernetesOptions = OptionsOf<typeof kubernetesFields>

/** Sources that Alloy shares out among the members of a cluster. */
export const clusteringField = block(
  { enabled: required(flag, 'Taken as in Alloy; logstream has no clusters.') },
  'Taken as in Alloy outside its clustered mode: every instance reads everything.',
)

/** Throws BAD_CONFIG for arguments that exclude each other, as Alloy does. */
export function checkKubernetesOptions(options: KubernetesOptions): void {
  try {
    check(options)
  } catch (error) {
    throw blame(error, options)
  }
}

function check(options: KubernetesOptions): void {
  const { api_server: server, kubeconfig_file: kubeconfig } = options
  if (server !== '' && kubeconfig !== '')
    throw bad('kubeconfig_file', 'api_server and kubeconfig_file are both set: keep one of them')
  if (server !== '') {
    const { protocol } = URL.canParse(server) ? new URL(server) : { protocol: '' }
    if (protocol !== 'http:' && protocol !== 'https:')
      throw bad('api_server', 'api_server: expected an http or https URL, found something else')
    return
  }
  const own = changedField(clientFields, options)
  if (own !== undefined)
    throw bad(
      own,
      kubeconfig === ''
        ? `${own} needs api_server: set it, or leave out the settings of the HTTP client`
        : `${own} and kubeconfig_file are both set: the kubeconfig file holds credentials, proxy and TLS`,
    )
}

function bad(option: string, message: string): LogstreamError {
  return new LogstreamError('BAD_CONFIG', message, { option })
}

/** The first field whose value isn't its default. */
function changedField(fields: Fields, options: Readonly<Record<string, unknown>>): string | undefined {
  return Object.entries(fields).find(([name, field]) => {
    const value = options[name]
    if (field.kind === 'attribute') return textOf(value) !== textOf(field.default)
    if (field.kind !== 'block' || field.absent === 'undefined') return value !== undefined
    return changedField(field.fields as Fields, value as Readonly<Record<string, unknown>>) !== undefined
  })?.[0]
}

function textOf(value: unknown): string {
  return JSON.stringify(value, (_key, inner: unknown) => (inner instanceof Map ? [...inner] : inner))
}
