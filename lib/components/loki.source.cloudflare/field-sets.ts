/** The fields of a request log that `fields_type` names (developers.cloudflare.com/logs/logpull/requesting-logs), as in Alloy. */

const DEFAULT = [
  'ClientIP',
  'ClientRequestHost',
  'ClientRequestMethod',
  'ClientRequestURI',
  'EdgeEndTimestamp',
  'EdgeResponseBytes',
  'EdgeRequestHost',
  'EdgeResponseStatus',
  'EdgeStartTimestamp',
  'RayID',
]

const MINIMAL = [
  ...DEFAULT,
  'ZoneID',
  'ClientSSLProtocol',
  'ClientRequestProtocol',
  'ClientRequestPath',
  'ClientRequestUserAgent',
  'ClientRequestReferer',
  'EdgeColoCode',
  'ClientCountry',
  'CacheCacheStatus',
  'CacheResponseStatus',
  'EdgeResponseContentType',
  'SecurityLevel',
  'WAFAction',
  'WAFProfile',
  'WAFRuleID',
  'WAFRuleMessage',
  'EdgeRateLimitID',
  'EdgeRateLimitAction',
]

const EXTENDED = [
  ...MINIMAL,
  'ClientSSLCipher',
  'ClientASN',
  'ClientIPClass',
  'CacheResponseBytes',
  'EdgePathingOp',
  'EdgePathingSrc',
  'EdgePathingStatus',
  'ParentRayID',
  'WorkerCPUTime',
  'WorkerStatus',
  'WorkerSubrequest',
  'WorkerSubrequestCount',
  'OriginIP',
  'OriginResponseStatus',
  'OriginSSLProtocol',
  'OriginResponseHTTPExpires',
  'OriginResponseHTTPLastModified',
]

const ALL = [
  ...EXTENDED,
  'BotScore',
  'BotScoreSrc',
  'BotTags',
  'ClientRequestBytes',
  'ClientSrcPort',
  'ClientXRequestedWith',
  'CacheTieredFill',
  'EdgeResponseCompressionRatio',
  'EdgeServerIP',
  'FirewallMatchesSources',
  'FirewallMatchesActions',
  'FirewallMatchesRuleIDs',
  'OriginResponseBytes',
  'OriginResponseTime',
  'ClientDeviceType',
  'WAFFlags',
  'WAFMatchedVar',
  'EdgeColoID',
  'RequestHeaders',
  'ResponseHeaders',
  'ClientRequestSource',
]

const SETS: ReadonlyMap<string, readonly string[]> = new Map([
  ['default', DEFAULT],
  ['minimal', MINIMAL],
  ['extended', EXTENDED],
  ['all', ALL],
  ['custom', []],
])

export const fieldSetNames = [...SETS.keys()]

/** The fields of a set and further ones, each once, sorted. */
export function fieldsOf(set: string, more: readonly string[]): string[] {
  return [...new Set([...(SETS.get(set) ?? []), ...more])].sort()
}
