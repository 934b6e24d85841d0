/**
 * Where keys come from: those of the config, or the places where AWS' own tools look. Temporary ones are fetched again
 * before they end.
 */
import type { Secret } from '../../alloy/value.ts'
import { LogstreamError, messageOf } from '../../errors.ts'
import { fileKeys } from './key-file.ts'
import { keysOf, type FoundKeys, type KeyPlaces, type Keys, type KeySource } from './keys.ts'
import { containerKeys, instanceKeys, webIdentityKeys } from './role-keys.ts'

export interface KeyOptions extends KeyPlaces {
  /** '': they are looked for. */
  readonly accessKeyId: string
  readonly secretAccessKey: Secret
  readonly sessionToken: Secret
}

/** In the order of AWS' own libraries. Each resolves with `undefined` where it isn't set up. */
const PLACES: readonly ((places: KeyPlaces) => Promise<FoundKeys | undefined>)[] = [
  ({ env }) => Promise.resolve(environmentKeys(env)),
  fileKeys,
  webIdentityKeys,
  containerKeys,
  instanceKeys,
]

export function keySource(options: KeyOptions): KeySource {
  const { accessKeyId, secretAccessKey, sessionToken, now } = options
  if (accessKeyId !== '') {
    const keys = keysOf(accessKeyId, secretAccessKey.text, sessionToken.text)
    return { keys: () => Promise.resolve(keys), forget: () => {} }
  }
  let found: FoundKeys | undefined
  let looking: Promise<FoundKeys> | undefined
  return {
    keys: async () => {
      if (found !== undefined && (found.until === undefined || now() < found.until)) return found
      looking ??= look(options).finally(() => (looking = undefined))
      found = await looking
      return found
    },
    forget: () => void (found = undefined),
  }
}

async function look(places: KeyPlaces): Promise<FoundKeys> {
  let failure = ''
  for (const place of PLACES)
    try {
      const keys = await place(places)
      if (keys !== undefined) return keys
    } catch (error) {
      failure = `; ${messageOf(error)}`
      break
    }
  throw new LogstreamError(
    'IO',
    `no keys for S3: set access_key_id and secret_access_key, AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, a profile in ~/.aws/credentials, or a role${failure}`,
  )
}

function environmentKeys(env: NodeJS.ProcessEnv): Keys | undefined {
  const { AWS_ACCESS_KEY_ID: id, AWS_SECRET_ACCESS_KEY: secret, AWS_SESSION_TOKEN: token } = env
  return id === undefined || secret === undefined ? undefined : keysOf(id, secret, token)
}
