/** The `http` block: its fields, what they tell the server, and a check of them before anything is changed. */
import {
  block,
  extension,
  flag,
  list,
  optional,
  required,
  secret,
  text,
  type OptionsOf,
} from '../../component/fields.ts'
import { LogstreamError } from '../../errors.ts'
import type { Credentials } from '../../net/server/auth.ts'
import type { HttpSettings } from '../../net/server/server.ts'
import { serverTlsFields } from '../../net/server/tls-fields.ts'
import { tlsOptions } from '../../net/server/tls.ts'

const userFields = { username: required(text, 'User name.'), password: required(secret, 'Password.') }

export const httpFields = {
  auth: block(
    {
      basic: block(userFields, 'Basic authentication.'),
      read_only: extension(
        block(userFields, 'A second user, who sees what the first one sees and can change nothing.'),
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

/** Throws BAD_CONFIG for a read-only user alone, and what `tlsOptions` throws. */
export function checkHttp(options: Readonly<Record<string, unknown>>): void {
  const { auth, tls } = options as HttpOptions
  if (auth?.read_only !== undefined && auth.basic === undefined)
    throw new LogstreamError(
      'BAD_CONFIG',
      'auth has read_only without basic, so nothing would ask for credentials: add basic { ... } for the user who may reload and replay',
    )
  if (tls !== undefined) tlsOptions(tls)
}

type AuthOptions = NonNullable<HttpOptions['auth']>

function authSettings({ basic, read_only: readOnly, filter }: AuthOptions): HttpSettings['auth'] {
  return {
    basic: credentials(basic),
    readOnly: credentials(readOnly),
    filter:
      filter === undefined
        ? undefined
        : { paths: filter.paths, authenticateMatchingPaths: filter.authenticate_matching_paths },
  }
}

function credentials(user: AuthOptions['basic']): Credentials | undefined {
  return user === undefined ? undefined : { username: user.username, password: user.password.text }
}
