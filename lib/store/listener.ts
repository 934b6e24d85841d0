/** Where the store listens: the `http` and `grpc` blocks of `loki.store`, and what they mean for the servers. */
import {
  block,
  flag,
  integer,
  list,
  optional,
  required,
  secret,
  text,
  type OptionsOf,
} from '../component/fields.ts'
import type { HttpSettings } from '../net/server/server.ts'
import { certificateFields } from '../net/server/tls-fields.ts'

export const httpListenerFields = {
  listen_address: optional(text, '127.0.0.1', 'Address to listen on; 0.0.0.0 for all.'),
  listen_port: optional(integer, 3100, 'Port; 0 takes a free one.'),
  allowed_hosts: optional(
    list(text),
    [],
    'Host names that clients may use, beyond IP addresses and the names of this machine.',
  ),
  basic_auth: block(
    { username: required(text, 'User name.'), password: required(secret, 'Password.') },
    'Basic authentication; without it everyone who can reach the port may push and read.',
  ),
  tls: block(certificateFields, 'TLS of the listener.'),
}

export const grpcListenerFields = {
  listen_address: optional(text, '127.0.0.1', 'Address to listen on; 0.0.0.0 for all.'),
  listen_port: optional(integer, 9095, 'Port; 0 takes a free one.'),
  add_service_name: optional(
    flag,
    false,
    'Whether streams without service_name get one; over gRPC Loki does not add it.',
  ),
  tls: block(certificateFields, 'TLS of the listener.'),
}

export type HttpListener = OptionsOf<typeof httpListenerFields>
export type GrpcListener = OptionsOf<typeof grpcListenerFields>

/** `host:port`, as servers take it. */
export function listenText(options: {
  readonly listen_address: string
  readonly listen_port: number
}): string {
  const { listen_address: host, listen_port: port } = options
  return `${host.includes(':') ? `[${host}]` : host}:${port}`
}

export function httpSettings({ basic_auth: basic, tls }: HttpListener): HttpSettings {
  return {
    auth:
      basic === undefined
        ? undefined
        : { basic: { username: basic.username, password: basic.password.text } },
    tls,
  }
}
