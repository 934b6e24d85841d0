/** Keys that requests to AWS are signed with, and what a place that may have some is told. */
import type { ProxyOptions } from '../client/fields.ts'

export interface Keys {
  readonly accessKeyId: string
  readonly secretAccessKey: string
  readonly sessionToken?: string
}

export interface FoundKeys extends Keys {
  /** Milliseconds of Unix time after which they are looked for again; left out: never. */
  readonly until?: number
}

export interface KeySource {
  /** Rejects with IO when there are none. */
  keys(): Promise<Keys>
  /** They were refused: the next request looks for others. */
  forget(): void
}

export interface KeyPlaces {
  readonly env: NodeJS.ProcessEnv
  readonly region: string
  /** On the way to AWS' token service. */
  readonly proxy: ProxyOptions
  readonly now: () => number
}

/** Without the token where it is ''. */
export function keysOf(accessKeyId: string, secretAccessKey: string, sessionToken = ''): Keys {
  return { accessKeyId, secretAccessKey, ...(sessionToken === '' ? {} : { sessionToken }) }
}
