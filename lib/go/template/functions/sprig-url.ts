/** Sprig's urlParse and urlJoin: a URL as a dict of its parts. */
import { fixed } from '../function.ts'
import { type GoMap, type TemplateFunction, type Value, fault, kindName, map, mapGet } from '../value.ts'
import { type Url, formatUrl, hostname, parseUrl } from './url.ts'

function urlParse(text: string): Value {
  const url = parseUrl(text)
  return map(
    new Map([
      ['scheme', url.scheme],
      ['host', url.host],
      ['hostname', hostname(url.host)],
      ['path', url.path],
      ['query', url.query],
      ['opaque', url.opaque],
      ['fragment', url.fragment],
      ['userinfo', url.user ?? ''],
    ]),
  )
}

function partOf(target: GoMap, key: string): string {
  const value = mapGet(target, key)
  if (value === undefined) return ''
  if (typeof value !== 'string')
    throw fault(`the part ${key} of a URL is a ${kindName(value)}; expected string`)
  return value
}

function urlJoin(target: GoMap): string {
  const userinfo = partOf(target, 'userinfo')
  const url: Url = {
    scheme: partOf(target, 'scheme'),
    opaque: partOf(target, 'opaque'),
    user: userinfo === '' ? undefined : parseUrl(`proto://${userinfo}@host`).user,
    host: partOf(target, 'host'),
    path: partOf(target, 'path'),
    query: partOf(target, 'query'),
    fragment: partOf(target, 'fragment'),
  }
  return formatUrl(url)
}

export const urlFunctions: readonly [string, TemplateFunction][] = [
  ['urlParse', fixed(['string'], urlParse)],
  ['urlJoin', fixed(['map'], urlJoin)],
]
