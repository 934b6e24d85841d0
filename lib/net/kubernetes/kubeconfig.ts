/**
 * Access by the current context of a kubeconfig file
 * (https://kubernetes.io/docs/reference/config-api/kubeconfig.v1/).
 */
import { readFile } from 'node:fs/promises'
import { dirname, resolve } from 'node:path'
import { LogstreamError, reasonOf } from '../../errors.ts'
import type { TlsSettings } from '../client/tls.ts'
import { NO_PROXY, type Access } from './access.ts'
import { execCredential, type ExecSettings } from './exec-credential.ts'

interface Cluster {
  readonly server?: string
  readonly 'certificate-authority'?: string
  readonly 'certificate-authority-data'?: string
  readonly 'insecure-skip-tls-verify'?: string
  readonly 'tls-server-name'?: string
  readonly 'proxy-url'?: string
}

interface User {
  readonly 'client-certificate'?: string
  readonly 'client-certificate-data'?: string
  readonly 'client-key'?: string
  readonly 'client-key-data'?: string
  readonly token?: string
  readonly tokenFile?: string
  readonly username?: string
  readonly password?: string
  readonly exec?: ExecSettings
  readonly 'auth-provider'?: unknown
}

interface Context {
  readonly cluster?: string
  readonly user?: string
}

/** Every scalar is text: the file is read without types. */
interface Kubeconfig {
  readonly 'current-context'?: string
  readonly contexts?: readonly { readonly name?: string; readonly context?: Context }[]
  readonly clusters?: readonly { readonly name?: string; readonly cluster?: Cluster }[]
  readonly users?: readonly { readonly name?: string; readonly user?: User }[]
}

const NO_HEADERS: Readonly<Record<string, string>> = {}

/** Rejects with IO for a file that can't be read and with BAD_CONFIG for one that can't work. */
export async function fromKubeconfig(file: string, now: () => number): Promise<Access> {
  const { cluster, user } = chosen(await parsed(file), file)
  if (user['auth-provider'] !== undefined)
    throw bad(file, 'auth-provider is gone from Kubernetes 1.26 on: use the exec plugin of your provider')
  const server = cluster.server ?? ''
  if (!URL.canParse(server)) throw bad(file, `expected the URL of a server, found "${server}"`)
  const exec = user.exec === undefined ? undefined : execCredential(user.exec, server, now, dirname(file))
  const files = new KubeconfigFiles(file, cluster, user)
  // The first reading rejects for files that are missing.
  await files.tls()
  return {
    server: new URL(server),
    proxy: { ...NO_PROXY, proxy_url: cluster['proxy-url'] ?? '' },
    tls: async () => ({ ...(await files.tls()), ...(await exec?.get())?.certificate }),
    headers: async () => {
      const authorization = (await files.authorization()) ?? bearer((await exec?.get())?.token)
      return authorization === undefined ? NO_HEADERS : { authorization }
    },
    refused: () => exec?.forget(),
    close: () => Promise.resolve(),
  }
}

/** What the chosen entries name, read when it is asked for. */
class KubeconfigFiles {
  readonly #file: string
  readonly #cluster: Cluster
  readonly #user: User

  constructor(file: string, cluster: Cluster, user: User) {
    this.#file = file
    this.#cluster = cluster
    this.#user = user
  }

  async tls(): Promise<TlsSettings> {
    const { 'tls-server-name': servername, 'insecure-skip-tls-verify': insecure } = this.#cluster
    return {
      ca: await this.#pem(this.#cluster, 'certificate-authority'),
      cert: await this.#pem(this.#user, 'client-certificate'),
      key: await this.#pem(this.#user, 'client-key'),
      servername: servername === '' ? undefined : servername,
      rejectUnauthorized: insecure !== 'true',
    }
  }

  async authorization(): Promise<string | undefined> {
    const { token, tokenFile, username, password = '' } = this.#user
    if (tokenFile !== undefined && tokenFile !== '') return bearer((await this.#read(tokenFile)).trim())
    if (token !== undefined && token !== '') return bearer(token)
    if (username === undefined || username === '') return undefined
    return `Basic ${Buffer.from(`${username}:${password}`).toString('base64')}`
  }

  // `NAME-data` holds the PEM text in base64 and wins over the file `NAME`.
  async #pem<N extends string>(
    from: { readonly [K in N | `${N}-data`]?: string },
    name: N,
  ): Promise<string | undefined> {
    const data = from[`${name}-data`]
    if (data !== undefined && data !== '') return Buffer.from(data, 'base64').toString('utf8')
    const path = from[name]
    return path === undefined || path === '' ? undefined : await this.#read(path)
  }

  // Relative paths count from the folder of the kubeconfig file.
  async #read(path: string): Promise<string> {
    const whole = resolve(dirname(this.#file), path)
    try {
      return await readFile(whole, 'utf8')
    } catch (error) {
      throw new LogstreamError(
        'IO',
        `kubeconfig "${this.#file}": cannot read "${whole}": ${reasonOf(error)}`,
        {
          cause: error,
          option: 'kubeconfig_file',
        },
      )
    }
  }
}

function bearer(token: string | undefined): string | undefined {
  return token === undefined ? undefined : `Bearer ${token}`
}

async function parsed(file: string): Promise<Kubeconfig> {
  try {
    const text = await readFile(file, 'utf8')
    const { parse } = await import('yaml')
    return ((parse(text, { schema: 'failsafe' }) as Kubeconfig | null) ?? {}) as Kubeconfig
  } catch (error) {
    throw new LogstreamError('IO', `cannot read the kubeconfig "${file}": ${reasonOf(error)}`, {
      cause: error,
      option: 'kubeconfig_file',
    })
  }
}

function chosen(config: Kubeconfig, file: string): { readonly cluster: Cluster; readonly user: User } {
  const current = config['current-context'] ?? ''
  if (current === '') throw bad(file, 'it has no current-context: set one with kubectl config use-context')
  const context = named(config.contexts, current)?.context
  if (context === undefined) throw bad(file, `the current-context "${current}" isn't among its contexts`)
  const cluster = named(config.clusters, context.cluster)?.cluster
  if (cluster === undefined) throw bad(file, `the cluster "${context.cluster}" isn't among its clusters`)
  const user = context.user === undefined ? {} : named(config.users, context.user)?.user
  if (user === undefined) throw bad(file, `the user "${context.user}" isn't among its users`)
  return { cluster, user }
}

function named<E extends { readonly name?: string }>(
  entries: readonly E[] | undefined,
  name: string | undefined,
): E | undefined {
  return Array.isArray(entries) ? entries.find((entry: E) => entry.name === name) : undefined
}

function bad(file: string, message: string): LogstreamError {
  return new LogstreamError('BAD_CONFIG', `kubeconfig "${file}": ${message}`, { option: 'kubeconfig_file' })
}
