/** The arguments of `loki.source.cloudflare`, as Alloy has them. */
import {
  duration,
  extension,
  list,
  optional,
  required,
  secret,
  text,
  type OptionsOf,
} from '../../component/fields.ts'
import { forwardField, labelsField, numberField } from '../../component/options/source.ts'
import { LogstreamError } from '../../errors.ts'
import { fieldSetNames } from './field-sets.ts'

const API_URL = 'https://api.cloudflare.com/client/v4'

export const cloudflareFields = {
  api_token: required(secret, 'API token that may read the logs of the zone.'),
  zone_id: required(text, 'Id of the zone.'),
  labels: labelsField,
  workers: numberField(3, 'Requests at a time: each gets its part of the time that is pulled.'),
  pull_range: optional(duration, 60_000, 'Time that is pulled at once; at most 1h for each worker.'),
  fields_type: optional(text, 'default', 'Set of fields.', fieldSetNames),
  additional_fields: optional(list(text), [], 'Fields beyond that set.'),
  forward_to: forwardField,
  api_url: extension(
    optional(text, API_URL, "Where Cloudflare's API is, such as a gateway in front of it."),
    (url) => url !== API_URL,
  ),
}

export type CloudflareOptions = OptionsOf<typeof cloudflareFields>

/** The most that Logpull takes for one request. */
export const MAX_REQUEST_MS = 3_600_000

/** Throws BAD_CONFIG for options that can't work. */
export function checkOptions({ api_token, zone_id, workers, pull_range, api_url }: CloudflareOptions): void {
  const bad = (option: string, message: string): LogstreamError =>
    new LogstreamError('BAD_CONFIG', `${option}: ${message}`, { option })
  if (api_token.text === '') throw bad('api_token', 'expected an API token, found ""')
  if (zone_id === '') throw bad('zone_id', 'expected the id of a zone, found ""')
  if (workers < 1) throw bad('workers', `expected 1 or more, found ${workers}`)
  if (pull_range < 1000) throw bad('pull_range', 'expected 1s or more')
  if (!URL.canParse(api_url) || !/^https?:$/.test(new URL(api_url).protocol))
    throw bad('api_url', 'expected an http or https URL, found something else')
}
