/** Secret values of the running config, and their removal from any text: the last safety net before anything is shown. */
import type { Value } from '../alloy/value.ts'

/** Replaces a secret. */
export const HIDDEN = '(secret)'

/** Names of attributes, keys and parameters whose values are secrets, whatever their type says. */
const SENSITIVE_NAME =
  /pass(?:word|wd|phrase)|secret|token(?!_url)|credential|private[-_]?key|api[-_]?key|access[-_]?key|authorization|cookie|signature/i

/** Attributes whose values are maps that may well hold secrets. */
export const SENSITIVE_MAPS: ReadonlySet<string> = new Set([
  'headers',
  'http_headers',
  'proxy_connect_header',
  'endpoint_params',
])

/** Names such as `password_file` match too, but their values only say where a secret is. */
const PLACE = /_(?:file|path|url|type|name)$/

/** Shorter strings occur everywhere by chance. */
const SHORTEST = 4

export function isSensitive(name: string): boolean {
  return SENSITIVE_NAME.test(name) && !PLACE.test(name)
}

/** Returns every secret string in decoded options and exports. */
export function secretValues(...values: readonly unknown[]): ReadonlySet<string> {
  const found = new Set<string>()
  const seen = new Set<object>()
  for (const value of values) collect(value, false, found, seen)
  return found
}

/** Returns the text without the secrets, however they are quoted in it. */
export function scrub(text: string, secrets: Iterable<string>): string {
  const all = new Set<string>()
  for (const secret of secrets) for (const form of formsOf(secret)) if (form.length >= SHORTEST) all.add(form)
  // Longest first: one may be part of another.
  let left = text
  for (const form of [...all].sort((a, b) => b.length - a.length)) left = left.replaceAll(form, HIDDEN)
  return left
}

/** Returns the same data without secrets in its strings; names of fields stay. */
export function scrubbed(value: unknown, secrets: ReadonlySet<string>): unknown {
  if (typeof value === 'string') return scrub(value, secrets)
  if (Array.isArray(value)) return (value as unknown[]).map((each) => scrubbed(each, secrets))
  if (typeof value !== 'object' || value === null) return value
  return Object.fromEntries(Object.entries(value).map(([name, each]) => [name, scrubbed(each, secrets)]))
}

function formsOf(secret: string): string[] {
  const lines = secret.split(/\r?\n/)
  return [
    secret,
    secret.trim(),
    JSON.stringify(secret).slice(1, -1),
    encodeURIComponent(secret),
    // "Bearer abc" may be built from the secret "abc".
    secret.replace(/^(?:Bearer|Basic|Token) +/i, ''),
    // A key in PEM.
    ...(lines.length > 1 ? lines.filter((line) => line.length >= 16 && !line.startsWith('-----')) : []),
  ]
}

function collect(value: unknown, sensitive: boolean, into: Set<string>, seen: Set<object>): void {
  if (typeof value === 'string') {
    if (sensitive) into.add(value)
    for (const part of secretsInUrls(value)) into.add(part)
    return
  }
  if (typeof value !== 'object' || value === null || seen.has(value)) return
  seen.add(value)
  if (Array.isArray(value)) for (const element of value as unknown[]) collect(element, sensitive, into, seen)
  else if (value instanceof Map) collectPairs(value as Map<string, unknown>, sensitive, into, seen)
  else if (isSecret(value)) into.add(value.text)
  else if (isPlain(value)) collectPairs(Object.entries(value), sensitive, into, seen)
}

function collectPairs(
  pairs: Iterable<[string, unknown]>,
  sensitive: boolean,
  into: Set<string>,
  seen: Set<object>,
): void {
  for (const [name, value] of pairs)
    collect(value, sensitive || isSensitive(name) || SENSITIVE_MAPS.has(name), into, seen)
}

function isSecret(value: object): value is Extract<Value, { kind: 'secret' }> {
  return 'kind' in value && value.kind === 'secret' && 'text' in value
}

// Receivers and other objects of the runtime aren't options.
function isPlain(value: object): boolean {
  const prototype: unknown = Object.getPrototypeOf(value)
  return prototype === Object.prototype || prototype === null
}

/** Where URLs in a text carry user information, or a parameter that is secret by its name. */
export function secretRangesInUrls(text: string): { start: number; end: number }[] {
  const ranges: { start: number; end: number }[] = []
  for (const match of text.matchAll(/[a-z][a-z0-9+.-]*:\/\/([^\s/?#"'`<>]*)@/dgi)) {
    const [start, end] = match.indices![1]!
    if (end > start) ranges.push({ start, end })
  }
  for (const match of text.matchAll(/[?&]([^=&#\s"'`]+)=([^&#\s"'`]+)/dg))
    if (isSensitive(match[1]!) || /^(?:sig|key|auth)$/i.test(match[1]!)) {
      const [start, end] = match.indices![2]!
      ranges.push({ start, end })
    }
  return ranges
}

function secretsInUrls(text: string): string[] {
  return secretRangesInUrls(text).flatMap(({ start, end }) => {
    const part = text.slice(start, end)
    const password = part.includes(':') ? part.slice(part.indexOf(':') + 1) : part
    return [part, password, decoded(password)]
  })
}

function decoded(text: string): string {
  try {
    return decodeURIComponent(text)
  } catch {
    return text
  }
}
