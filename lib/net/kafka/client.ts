/**
 * Calls to Kafka brokers. The package does the protocol: connections, TLS, SASL, requests and answers. This file keeps
 * one connection per broker and purpose, picks the newest version that both sides know, and bounds the time of a call.
 */
import { isIP } from 'node:net'
import type * as Package from '@platformatic/kafka'
import { messageOf } from '../../errors.ts'
import type { KafkaPackage } from './package.ts'
import type { Address, KafkaSettings } from './settings.ts'

/** The calls that logstream makes. */
export type ApiName =
  | 'FindCoordinator'
  | 'Heartbeat'
  | 'InitProducerId'
  | 'JoinGroup'
  | 'LeaveGroup'
  | 'ListOffsets'
  | 'Metadata'
  | 'OffsetCommit'
  | 'OffsetFetch'
  | 'Produce'
  | 'SyncGroup'

/**
 * A broker answers the calls of one connection in turn, and some take their time by design: a join waits for the
 * other members, a fetch for new messages.
 */
export type Purpose = 'group' | 'fetch' | 'other'

/** A call that failed: with Kafka's names for what it answered, or without any when no answer came. */
export class KafkaError extends Error {
  override readonly name = 'KafkaError'
  /** `NOT_COORDINATOR`, say. A call about many partitions can have several. */
  readonly codes: ReadonlySet<string>
  /** What was answered, errors included. */
  readonly response: unknown

  constructor(message: string, details: { codes?: readonly string[]; response?: unknown; cause?: unknown }) {
    super(message, { cause: details.cause })
    this.codes = new Set(details.codes)
    this.response = details.response
  }

  is(...codes: readonly string[]): boolean {
    return codes.some((code) => this.codes.has(code))
  }
}

/** A call of the package, with its arguments unknown: they are the same for all of its versions. */
type Api = (
  connection: Package.Connection,
  ...args: [...unknown[], (error: Error | null, answer?: unknown) => void]
) => void

interface Link {
  readonly connection: Package.Connection
  readonly versions: ReadonlyMap<string, { readonly min: number; readonly max: number }>
}

const CLIENT_ID = 'logstream'
const CONNECT_MS = 10_000
const CALL_MS = 30_000
/** The package's own limit is never to strike: it leaves the connection in disorder. */
const NEVER_MS = 24 * 3_600_000

export class KafkaClient {
  readonly kafka: KafkaPackage
  readonly settings: KafkaSettings
  readonly #links = new Map<string, Promise<Link>>()
  #closed = false

  constructor(kafka: KafkaPackage, settings: KafkaSettings) {
    this.kafka = kafka
    this.settings = settings
  }

  /** Rejects with `KafkaError`. `args` are those of the package's call of that name. */
  async call<R>(
    name: ApiName,
    to: Address,
    args: readonly unknown[],
    { purpose = 'other', timeoutMs = CALL_MS }: { purpose?: Purpose; timeoutMs?: number } = {},
  ): Promise<R> {
    return await this.send<R>(to, purpose, timeoutMs, ({ versions }) => this.#newest(name, versions), args)
  }

  /** As `call`, for an API that the caller made itself. */
  async send<R>(
    to: Address,
    purpose: Purpose,
    timeoutMs: number,
    choose: (link: Link) => Api,
    args: readonly unknown[],
  ): Promise<R> {
    let link: Link
    try {
      link = await this.#link(to, purpose)
    } catch (error) {
      throw asKafkaError(error, to)
    }
    const api = choose(link)
    return await new Promise<R>((resolve, reject) => {
      const timer = setTimeout(() => {
        // A late answer must not be taken for that of the next call.
        void link.connection.close()
        reject(new KafkaError(`${addressText(to)} has not answered within ${timeoutMs / 1000} s`, {}))
      }, timeoutMs)
      timer.unref()
      api(link.connection, ...args, (error, answer) => {
        clearTimeout(timer)
        if (error === null || error === undefined) resolve(answer as R)
        else reject(asKafkaError(error, to))
      })
    })
  }

  async close(): Promise<void> {
    this.#closed = true
    const links = [...this.#links.values()]
    this.#links.clear()
    await Promise.all(
      links.map(async (link) => {
        try {
          await (await link).connection.close()
        } catch {
          // It has never been open, or broke: nothing to close.
        }
      }),
    )
  }

  #link(to: Address, purpose: Purpose): Promise<Link> {
    if (this.#closed) throw new Error('the client is closed')
    const key = `${purpose} ${addressText(to)}`
    const known = this.#links.get(key)
    if (known !== undefined) return known
    const forget = (): void => {
      if (this.#links.get(key) === opening) this.#links.delete(key)
    }
    const opening = this.#open(to, forget)
    this.#links.set(key, opening)
    opening.catch(forget)
    return opening
  }

  async #open({ host, port }: Address, forget: () => void): Promise<Link> {
    const { Connection, apiVersionsV3 } = this.kafka
    const { tls, sasl } = this.settings
    const connection = new Connection(CLIENT_ID, {
      connectTimeout: CONNECT_MS,
      requestTimeout: NEVER_MS,
      ...(tls === undefined ? {} : { tls, tlsServerName: tls.servername ?? (isIP(host) === 0 && host) }),
      ...(sasl === undefined ? {} : { sasl }),
    })
    // The one who waits for an answer hears of it; without a listener Node would end the process.
    connection.on('error', forget)
    connection.once('close', forget)
    await connection.connect(host, port)
    const { apiKeys } = await apiVersionsV3.api.async(connection, CLIENT_ID, '1')
    return {
      connection,
      versions: new Map(
        apiKeys.map(({ name, minVersion, maxVersion }) => [name, { min: minVersion, max: maxVersion }]),
      ),
    }
  }

  #newest(name: ApiName, versions: Link['versions']): Api {
    const range = versions.get(name)
    const table = this.kafka as unknown as Readonly<Record<string, { readonly api: Api } | undefined>>
    const base = `${name[0]!.toLowerCase()}${name.slice(1)}V`
    for (let version = range?.max ?? -1; version >= (range?.min ?? 0); version--) {
      const api = table[`${base}${version}`]?.api
      if (api !== undefined) return api
    }
    throw new KafkaError(
      `the broker has no version of ${name} that logstream knows: it must be Kafka 2.7 or later`,
      {
        codes: ['UNSUPPORTED_VERSION'],
      },
    )
  }
}

export function addressText({ host, port }: Address): string {
  return host.includes(':') ? `[${host}]:${port}` : `${host}:${port}`
}

function asKafkaError(error: unknown, to: Address): KafkaError {
  if (error instanceof KafkaError) return error
  const parts = [...partsOf(error)]
  const codes = parts.flatMap(({ apiId }) => (typeof apiId === 'string' ? [apiId] : []))
  const inner = parts.at(-1)
  const said = codes.length > 0 ? codes.join(', ') : messageOf(inner ?? error)
  const { response } = error as { response?: unknown }
  return new KafkaError(`${addressText(to)}: ${said}`, { codes, response, cause: error })
}

/** The error, its parts and its causes; the last one says most. */
function* partsOf(error: unknown, depth = 0): Generator<{ readonly apiId?: unknown }> {
  if (typeof error !== 'object' || error === null || depth > 8) return
  yield error
  const { errors, cause } = error as { readonly errors?: unknown; readonly cause?: unknown }
  if (Array.isArray(errors)) for (const each of errors) yield* partsOf(each, depth + 1)
  yield* partsOf(cause, depth + 1)
}
