/** The `rules` block of `loki.store`: its fields, and the ruler made from them. */
import { isAbsolute, join } from 'node:path'
import {
  blocks,
  duration,
  flag,
  map,
  optional,
  required,
  secret,
  text,
  type OptionsOf,
} from '../component/fields.ts'
import { LogstreamError } from '../errors.ts'
import type { Clock } from '../flow/clock.ts'
import type { Querier } from '../logql/engine/querier.ts'
import { clientFields } from '../net/client/fields.ts'
import type { Logger } from '../telemetry/log.ts'
import type { Metrics } from '../telemetry/metrics.ts'
import { alertmanager, alertsUrl } from './notify/alertmanager.ts'
import { httpPost } from './notify/http-post.ts'
import type { Destination } from './notify/outbox.ts'
import { webhook } from './notify/webhook.ts'
import { Ruler } from './ruler.ts'

const alertmanagerFields = {
  url: required(text, 'Address of an Alertmanager, such as http://127.0.0.1:9093.'),
  timeout: optional(duration, 10_000, 'Longest time for one request.'),
  ...clientFields,
}

const webhookFields = {
  url: required(secret, 'Address that alerts are posted to.'),
  timeout: optional(duration, 10_000, 'Longest time for one request.'),
  repeat_interval: optional(duration, 4 * 3_600_000, 'Time before an alert that still fires is sent again.'),
  ...clientFields,
}

export const ruleFields = {
  path: optional(
    text,
    '',
    "Folder of rule files (*.yaml, *.yml), or one file; left out: rules in the store's folder.",
  ),
  evaluation_interval: optional(duration, 60_000, 'Time between evaluations of groups without an interval.'),
  query_offset: optional(duration, 0, 'Queries are about so much earlier, for logs that arrive late.'),
  external_url: optional(
    text,
    '',
    'Address of the store as people reach it, for links in alerts; left out: that of its listener.',
  ),
  external_labels: optional(
    map(text),
    new Map<string, string>(),
    'Labels added to every alert that is sent.',
  ),
  resend_delay: optional(duration, 60_000, 'Time before an alert is sent to Alertmanager again.'),
  enable_api: optional(flag, false, 'Whether rules may be changed over HTTP.'),
  alertmanager: blocks(alertmanagerFields, 'Where alerts are sent; each Alertmanager gets all of them.'),
  webhook: blocks(webhookFields, "Where alerts are posted in the shape of Alertmanager's webhooks."),
}

export type RuleOptions = OptionsOf<typeof ruleFields>

export interface RulerContext {
  readonly querier: Querier
  /** The store's folder. */
  readonly folder: string
  /** Of the store's listener. */
  readonly url: string
  readonly clock: Clock
  readonly log: Logger
  readonly metrics: Metrics
  /** Where recording rules put their series. */
  readonly recorded: Metrics
}

/** Throws BAD_CONFIG for addresses that aren't any. */
export function checkRules({ alertmanager: managers, webhook: hooks }: RuleOptions): void {
  for (const { url } of managers) urlOf(url, 'alertmanager')
  for (const { url } of hooks) urlOf(url.text, 'webhook')
}

/** Starts the ruler. Rejects with BAD_CONFIG and IO for destinations that can't work. */
export async function startRuler(options: RuleOptions, context: RulerContext): Promise<Ruler> {
  const { querier, folder, url, clock, log, metrics, recorded } = context
  const externalUrl = (options.external_url === '' ? url : options.external_url).replace(/\/+$/, '')
  return await Ruler.start({
    path: pathOf(options.path, folder),
    statePath: join(folder, 'alerts.json'),
    settings: {
      externalUrl,
      externalLabels: Object.fromEntries(options.external_labels),
      intervalMs: Math.max(1, options.evaluation_interval),
      queryOffsetMs: options.query_offset,
      resendMs: options.resend_delay,
    },
    destinations: destinationsOf(options, externalUrl, () => clock.now()),
    enableApi: options.enable_api,
    querier,
    clock,
    log,
    metrics,
    recorded,
  })
}

function pathOf(path: string, folder: string): string {
  if (path === '') return join(folder, 'rules')
  return isAbsolute(path) ? path : join(process.cwd(), path)
}

function destinationsOf(
  options: RuleOptions,
  externalUrl: string,
  now: () => number,
): readonly Destination[] {
  return [
    ...options.alertmanager.map((each) => {
      const url = alertsUrl(urlOf(each.url, 'alertmanager'))
      return alertmanager(httpPost({ url, client: each, timeoutMs: each.timeout, now }))
    }),
    ...options.webhook.map((each) => {
      const url = urlOf(each.url.text, 'webhook')
      // The path of many webhooks is their password.
      const post = httpPost({ url, client: each, timeoutMs: each.timeout, name: `${url.origin}/…`, now })
      return webhook({ post, externalUrl, repeatMs: each.repeat_interval, now })
    }),
  ]
}

/** Throws BAD_CONFIG, without repeating it, for what isn't an address. */
function urlOf(text: string, block: string): URL {
  if (URL.canParse(text) && /^https?:$/.test(new URL(text).protocol)) return new URL(text)
  throw new LogstreamError('BAD_CONFIG', `${block}: url: expected a URL such as http://127.0.0.1:9093`, {
    option: 'url',
  })
}
