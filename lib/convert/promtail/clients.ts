/** Promtail's clients become `loki.write` components. */
import { attribute, block, mapAttribute, sizeAttribute, timeAttribute, type Block } from './alloy-text.ts'
import type { Findings } from './findings.ts'
import { checkHttp, httpBody, httpShape, noteLostHttp } from './http-client.ts'
import { bool, duration, int, labels, map, struct, text, url, type Value } from './read.ts'

const mebibyte = 1024 * 1024

const shape = {
  name: text(),
  url: url(),
  batchwait: duration(1e9),
  batchsize: int(mebibyte),
  ...httpShape,
  headers: map(text()),
  backoff_config: struct({
    min_period: duration(500e6),
    max_period: duration(300e9),
    max_retries: int(10),
  }),
  external_labels: labels(),
  timeout: duration(10e9),
  tenant_id: text(),
  drop_rate_limited_batches: bool(),
}

/** One entry of `clients`, or the old `client`. */
export const client = struct(shape, checkHttp)

export type Client = Value<typeof shape>

/** The label of the component of the client at this place: `default`, `default_2`, ... */
export function writeLabel(index: number): string {
  return index === 0 ? 'default' : `default_${index + 1}`
}

/** The component of one client; `maxStreams` comes from the limits and applies to each of them. */
export function writeBlock(given: Client, index: number, maxStreams: number, findings: Findings): Block {
  noteLostHttp(given, findings)
  const backoff = given.backoff_config
  const endpoint = block('endpoint', [
    attribute('name', given.name, ''),
    attribute('url', given.url),
    timeAttribute('batch_wait', given.batchwait, 1e9),
    sizeAttribute('batch_size', given.batchsize, mebibyte),
    timeAttribute('remote_timeout', given.timeout, 10e9),
    mapAttribute('headers', given.headers),
    timeAttribute('min_backoff_period', backoff.min_period, 500e6),
    timeAttribute('max_backoff_period', backoff.max_period, 300e9),
    attribute('max_backoff_retries', backoff.max_retries, 10),
    attribute('tenant_id', given.tenant_id, ''),
    attribute('retry_on_http_429', !given.drop_rate_limited_batches, true),
    ...httpBody(given),
  ])
  return block(
    'loki.write',
    [
      endpoint,
      mapAttribute('external_labels', given.external_labels ?? new Map()),
      attribute('max_streams', maxStreams, 0),
    ],
    writeLabel(index),
  )
}
