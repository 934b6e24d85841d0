/**
 * Access from inside a pod: the service account that the kubelet mounts
 * (https://kubernetes.io/docs/tasks/run-application/access-api-from-pod/).
 */
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { OutOfReach } from '../../component/out-of-reach.ts'
import { LogstreamError, messageOf } from '../../errors.ts'
import { NO_PROXY, type Access } from './access.ts'

const SERVICE_ACCOUNT = '/var/run/secrets/kubernetes.io/serviceaccount'

/** Rejects with `OutOfReach` outside a cluster, and with IO when the service account isn't mounted. */
export async function inCluster(env: NodeJS.ProcessEnv, folder = SERVICE_ACCOUNT): Promise<Access> {
  const { KUBERNETES_SERVICE_HOST: host, KUBERNETES_SERVICE_PORT: port } = env
  if (host === undefined || host === '' || port === undefined || port === '')
    throw new OutOfReach(
      'BAD_CONFIG',
      'logstream does not run in a Kubernetes cluster (KUBERNETES_SERVICE_HOST and KUBERNETES_SERVICE_PORT are not set): set api_server or kubeconfig_file',
    )
  const read = (name: string): Promise<string> => readMounted(folder, name)
  await read('token')
  return {
    server: new URL(`https://${host.includes(':') ? `[${host}]` : host}:${port}`),
    proxy: NO_PROXY,
    tls: async () => ({ ca: await read('ca.crt'), rejectUnauthorized: true }),
    // The kubelet replaces the token long before it expires, after an hour by default.
    headers: async () => ({ authorization: `Bearer ${(await read('token')).trim()}` }),
    refused: () => {},
    close: () => Promise.resolve(),
  }
}

/** The namespace of the pod that logstream runs in. Rejects with IO. */
export async function ownNamespace(folder = SERVICE_ACCOUNT): Promise<string> {
  const name = (await readMounted(folder, 'namespace')).trim()
  if (name !== '') return name
  throw new LogstreamError(
    'IO',
    `expected the name of a namespace in "${join(folder, 'namespace')}", found nothing`,
  )
}

async function readMounted(folder: string, name: string): Promise<string> {
  try {
    return await readFile(join(folder, name), 'utf8')
  } catch (error) {
    throw new LogstreamError(
      'IO',
      `cannot read the service account of this pod: ${messageOf(error)}; is automountServiceAccountToken off?`,
      { cause: error },
    )
  }
}
