/**
 * The functions of templates in labels and annotations, as Prometheus has them
 * (https://prometheus.io/docs/prometheus/latest/configuration/template_reference/), without those that query.
 */
import { isIP } from 'node:net'
import { messageOf } from '../../errors.ts'
import { queryEscape } from '../../go/query-escape.ts'
import { compile, type Regexp } from '../../go/regexp/regexp.ts'
import { parseFloat } from '../../go/strconv/number.ts'
import { wellFormed } from '../../go/strings/bytes.ts'
import { titleOf, toLower, toUpper } from '../../go/strings/letters.ts'
import { fixed, variadic } from '../../go/template/function.ts'
import { durationValue, formatTime, timeValue } from '../../go/template/functions/time-value.ts'
import { fault, integerOf, map, typeName, type FunctionMap, type Value } from '../../go/template/value.ts'
import { utc } from '../../go/time/zone.ts'
import { parsePrometheusDuration } from '../../logql/stages/units.ts'
import { four, humanize, humanize1024, humanizeDuration, humanizePercentage } from './humanize.ts'

/** What functions know of the ruler and the moment. */
export interface TemplateWorld {
  /** Without a slash at its end. */
  readonly externalUrl: string
  /** Milliseconds of Unix time, of the running evaluation. */
  now: number
}

/** The address of a query in Explore. */
export function exploreUrl(externalUrl: string, expression: string): string {
  return `${externalUrl}/?view=explore&q=${encodeURIComponent(expression)}`
}

export function ruleFunctions(world: TemplateWorld): FunctionMap {
  const link = fixed(['string'], (expression) => exploreUrl('', expression))
  return new Map([
    ['args', variadic([], 'any', (...all) => map(new Map(all.map((each, i) => [`arg${i}`, each]))))],
    [
      'reReplaceAll',
      fixed(['string', 'string', 'string'], (pattern, by, text) => regexpOf(pattern).replaceAll(text, by)),
    ],
    ['match', fixed(['string', 'string'], (pattern, text) => regexpOf(pattern).test(text))],
    ['safeHtml', fixed(['string'], (text) => text)],
    ['title', fixed(['string'], title)],
    ['toUpper', fixed(['string'], toUpper)],
    ['toLower', fixed(['string'], toLower)],
    ['graphLink', link],
    ['tableLink', link],
    ['stripPort', fixed(['string'], (text) => hostPort(text)?.host ?? text)],
    ['stripDomain', fixed(['string'], stripDomain)],
    ['humanize', fixed(['any'], (value) => humanize(floatOf(value)))],
    ['humanize1024', fixed(['any'], (value) => humanize1024(floatOf(value)))],
    ['humanizeDuration', fixed(['any'], (value) => humanizeDuration(floatOf(value)))],
    ['humanizePercentage', fixed(['any'], (value) => humanizePercentage(floatOf(value)))],
    ['humanizeTimestamp', fixed(['any'], humanizeTimestamp)],
    ['toTime', fixed(['any'], (value) => timeValue({ ...instantOf(floatOf(value)), zone: utc }))],
    [
      'toDuration',
      fixed(['any'], (value) => durationValue(BigInt(Math.trunc(finite(floatOf(value)) * 1e9)))),
    ],
    ['now', fixed([], () => world.now / 1000)],
    ['externalURL', fixed([], () => world.externalUrl)],
    ['pathPrefix', fixed([], () => pathOf(world.externalUrl))],
    ['parseDuration', fixed(['string'], parseDuration)],
    ['urlQueryEscape', fixed(['string'], queryEscape)],
  ])
}

// Of Unicode's rules for words (UAX 29): `web.api` and `a_b` are one, `web-api` is two.
// Made on first use: it takes 9 ms.
let words: Intl.Segmenter | undefined

/** Words with a capital, as golang.org/x/text/cases makes them: the first letter that has cases, so `9th` is `9Th`. */
function title(text: string): string {
  words ??= new Intl.Segmenter('en', { granularity: 'word' })
  return Array.from(words.segment(wellFormed(text)), ({ segment }) =>
    segment.replace(/\p{Cased}/u, titleOf),
  ).join('')
}

function regexpOf(pattern: string): Regexp {
  try {
    return compile(pattern)
  } catch (error) {
    throw fault(messageOf(error))
  }
}

/** The number in a value, as Prometheus' ConvertToFloat has it. */
function floatOf(value: Value): number {
  if (typeof value === 'number') return value
  const integer = integerOf(value)
  if (integer !== undefined)
    return typeName(value) === 'time.Duration' ? Number(integer) / 1e9 : Number(integer)
  const found = typeof value === 'string' ? parseFloat(value) : undefined
  if (found === undefined)
    throw fault(
      `expected a number, found ${typeof value === 'string' ? JSON.stringify(value) : typeName(value)}`,
    )
  return found
}

function finite(value: number): number {
  if (!Number.isFinite(value)) throw fault(`expected a time, found ${four(value)}`)
  return value
}

function instantOf(value: number): { seconds: number; nanos: number } {
  // Prometheus cuts off, too: first at nanoseconds.
  const ms = Math.trunc(Math.trunc(finite(value) * 1e9) / 1e6)
  if (Math.abs(ms) > 8.64e15) throw fault(`expected a time, found ${four(value)}`)
  const seconds = Math.floor(ms / 1000)
  return { seconds, nanos: (ms - seconds * 1000) * 1e6 }
}

function humanizeTimestamp(value: Value): string {
  const seconds = floatOf(value)
  if (!Number.isFinite(seconds)) return four(seconds)
  return formatTime({ ...instantOf(seconds), zone: utc }, '2006-01-02 15:04:05.999999999 -0700 MST')
}

function parseDuration(text: string): number {
  const nanos = parsePrometheusDuration(text.replace(/^-/, ''))
  if (nanos === undefined) throw fault(`not a valid duration string: ${JSON.stringify(text)}`)
  return (text.startsWith('-') ? 0 - nanos : nanos) / 1e9
}

// host ":" port, with the brackets of an IPv6 address taken off
function hostPort(text: string): { readonly host: string; readonly port: string } | undefined {
  const [, bracketed, plain, port] = /^(?:\[([^\]]*)\]|([^:[\]]*)):([^:]*)$/.exec(text) ?? []
  const host = bracketed ?? plain
  return host === undefined ? undefined : { host, port: port! }
}

function stripDomain(text: string): string {
  const { host, port } = hostPort(text) ?? { host: text, port: '' }
  if (isIP(host) !== 0) return text
  const [first = ''] = host.split('.')
  return port === '' ? first : `${first}:${port}`
}

function pathOf(url: string): string {
  return URL.canParse(url) ? new URL(url).pathname.replace(/\/$/, '') : ''
}
