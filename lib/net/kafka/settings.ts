/** How to reach a Kafka cluster: addresses, TLS and SASL, as the blocks of a config say it. */
import type { Secret } from '../../alloy/value.ts'
import { blame } from '../../component/origin.ts'
import {
  block,
  blockWithDefaults,
  flag,
  list,
  optional,
  required,
  secret,
  text,
  type OptionsOf,
} from '../../component/fields.ts'
import { LogstreamError } from '../../errors.ts'
import { tlsFields } from '../client/fields.ts'
import { tlsSettings, type TlsSettings } from '../client/tls.ts'

export interface Address {
  readonly host: string
  readonly port: number
}

export interface Sasl {
  readonly mechanism: 'PLAIN' | 'SCRAM-SHA-256' | 'SCRAM-SHA-512'
  readonly username: string
  readonly password: string
}

export interface KafkaSettings {
  readonly brokers: readonly Address[]
  readonly tls?: TlsSettings
  readonly sasl?: Sasl
}

const DEFAULT_PORT = 9092

export const brokersField = required(list(text), 'Brokers to begin with, as host:port.')

const tlsBlock = (doc: string) => blockWithDefaults(tlsFields, doc)

const saslFields = {
  mechanism: optional(text, 'PLAIN', 'SASL mechanism; OAUTHBEARER is not supported.', [
    '',
    'PLAIN',
    'SCRAM-SHA-256',
    'SCRAM-SHA-512',
    'OAUTHBEARER',
  ]),
  user: optional(text, '', 'User name.'),
  password: optional(secret, secret.zero, 'Password.'),
  use_tls: optional(flag, false, 'Whether to use TLS too.'),
  tls_config: tlsBlock('TLS, for use_tls.'),
  oauth_config: block(
    {
      token_provider: required(text, 'Source of the token.', ['azure']),
      scopes: required(list(text), 'Scopes of the token.'),
    },
    'OAuth, for OAUTHBEARER.',
  ),
}

const authenticationFields = {
  type: optional(text, 'none', 'Kind of authentication.', ['', 'none', 'ssl', 'sasl']),
  tls_config: tlsBlock('TLS, for the type "ssl".'),
  sasl_config: blockWithDefaults(saslFields, 'SASL, for the type "sasl".'),
}

export const authenticationBlock = blockWithDefaults(
  authenticationFields,
  'Authentication towards the brokers.',
)

export type Authentication = OptionsOf<typeof authenticationFields>

/** Throws BAD_CONFIG for arguments that can't work, and IO for a certificate that can't be read. */
export function kafkaSettings(brokers: readonly string[], authentication: Authentication): KafkaSettings {
  const addresses = addressesOf(brokers, 'brokers')
  const { type, tls_config: tls, sasl_config: sasl } = authentication
  if (type === 'ssl') return { brokers: addresses, tls: tlsSettings(tls) }
  if (type !== 'sasl') return { brokers: addresses }
  return {
    brokers: addresses,
    sasl: saslOf(sasl),
    ...(sasl.use_tls ? { tls: tlsSettings(sasl.tls_config) } : {}),
  }
}

function saslOf(options: OptionsOf<typeof saslFields>): Sasl {
  const mechanism = options.mechanism === '' ? 'PLAIN' : options.mechanism
  if (mechanism === 'OAUTHBEARER') throw blame(noOauth('mechanism'), options)
  return {
    mechanism: mechanism as Sasl['mechanism'],
    username: options.user,
    password: passwordOf(options.password),
  }
}

/** Tokens come from Azure's own libraries and the machine's identity, which logstream doesn't have. */
export function noOauth(option: string): LogstreamError {
  return bad(
    option,
    'logstream cannot fetch OAuth tokens: use PLAIN or SCRAM, for Azure Event Hubs with a connection string',
  )
}

function passwordOf({ text }: Secret): string {
  return text
}

/** Throws BAD_CONFIG, with `option`, for an empty list and for what isn't host:port. */
export function addressesOf(brokers: readonly string[], option: string): Address[] {
  if (brokers.length === 0) throw bad(option, 'name at least one broker')
  return brokers.map((broker) => addressOf(broker, option))
}

function addressOf(broker: string, option: string): Address {
  const match = /^(?:\[([^\]]+)\]|([^:[\]]+))(?::(\d{1,5}))?$/.exec(broker.trim())
  const port = match?.[3] === undefined ? DEFAULT_PORT : Number(match[3])
  const host = match?.[1] ?? match?.[2]
  if (host === undefined || port > 65_535)
    throw bad(option, `expected host:port, as in "kafka-1:9092", found "${broker}"`)
  return { host, port }
}

function bad(option: string, message: string): LogstreamError {
  return new LogstreamError('BAD_CONFIG', `${option}: ${message}`, { option })
}
