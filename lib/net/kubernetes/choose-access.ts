/** Chooses how the API server is reached: in the cluster, by a kubeconfig file, or by arguments. */
import { authorizer } from '../client/auth.ts'
import { headersOf } from '../client/headers.ts'
import { tlsSettings } from '../client/tls.ts'
import type { Access } from './access.ts'
import type { KubernetesOptions } from './fields.ts'
import { inCluster } from './in-cluster.ts'
import { fromKubeconfig } from './kubeconfig.ts'

/**
 * Chooses as Alloy does. Rejects with BAD_CONFIG outside a cluster when neither `api_server` nor `kubeconfig_file` is
 * set, and for a kubeconfig that can't work; with IO for files that can't be read.
 */
export async function accessTo(options: KubernetesOptions, now: () => number): Promise<Access> {
  if (options.kubeconfig_file !== '') return await fromKubeconfig(options.kubeconfig_file, now)
  if (options.api_server === '') return await inCluster(process.env)
  return byArguments(options, now)
}

function byArguments(options: KubernetesOptions, now: () => number): Access {
  const server = new URL(options.api_server)
  const credentials = authorizer(options, server, now)
  // The first reading throws for a file that is missing.
  tlsSettings(options.tls_config)
  const own = headersOf({ headers: new Map(), http_headers: options.http_headers })
  return {
    server,
    proxy: options,
    tls: () => Promise.resolve(tlsSettings(options.tls_config)),
    headers: async () => {
      const authorization = await credentials.header()
      return authorization === undefined ? own : { ...own, authorization }
    },
    refused: () => {},
    close: () => credentials.close(),
  }
}
