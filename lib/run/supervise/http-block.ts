/** The `http` block: its fields, what they tell the server, and a check of them before anything is changed. */
import {
  block,
  flag,
  list,
  optional,
  required,
  secret,
  text,
  type OptionsOf,
} from '../../component/fields.ts'
import type { HttpSettings } from '../../net/server/server.ts'
import { serverTlsFields } from '../../net/server/tls-fields.ts'
import { tlsOptions } from '../../net/server/tls.ts'

export const httpFields = {
  auth: block(
    {
      basic: block(
        { username: required(text, 'User name.'), password: required(secret, 'Password.') },
        'Basic authentication.',
      ),
      filter: block(
        {
          paths: optional(list(text), [], 'Path prefixes.'),
          authenticate_matching_paths: optional(
            flag,
            true,
            'Whether only (true) or all but (false) these paths ask. Without paths `true` means that nothing asks.',
          ),
        },
        'Which paths ask for authentication; without this block all of them.',
      ),
    },
    'Authentication of the HTTP server.',
  ),
  tls: block(serverTlsFields, 'TLS of the HTTP server.'),
}

type HttpOptions = OptionsOf<typeof httpFields>

/** Returns what the decoded block (`undefined` without one) tells the server. */
export function httpSettings(options: Readonly<Record<string, unknown>> | undefined): HttpSettings {
  if (options === undefined) return {}
  const { auth, tls } = options as HttpOptions
  return { auth: auth === undefined ? undefined : authSettings(auth), tls }
}

/** Throws what `tlsOptions` throws. */
export function checkHttp(options: Readonly<Record<string, unknown>>): void {
  const { tls } = options as HttpOptions
  if (tls !== undefined) tlsOptions(tls)
}

function authSettings({ basic, filter }: NonNullable<HttpOptions['auth']>): HttpSettings['auth'] {
  return {
    basic: basic === undefined ? undefined : { username: basic.username, password: basic.password.text },
    filter:
      filter === undefined
        ? undefined
        : { paths: filter.paths, authenticateMatchingPaths: filter.authenticate_matching_paths },
  }
}
