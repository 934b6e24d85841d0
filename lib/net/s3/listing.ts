/** Lists a bucket (ListObjectsV2), page by page. */
import { LogstreamError } from '../../errors.ts'
import type { BucketAnswer, Requests } from './requests.ts'
import { elementOf, elementsOf } from './xml.ts'

export interface ListedObject {
  /** Below the bucket's prefix. */
  readonly key: string
  /** Bytes. */
  readonly size: number
}

interface Page {
  readonly objects: readonly ListedObject[]
  /** '' on the last page. */
  readonly next: string
}

/** A page holds 1000 objects, each of a key of 1024 bytes, which encoding triples. */
const PAGE_BYTES = 8 * 1024 * 1024

export async function listObjects(
  requests: Requests,
  prefix: string,
  signal: AbortSignal,
): Promise<BucketAnswer & { readonly objects?: readonly ListedObject[] }> {
  const { settings } = requests
  const asked: Record<string, string> = {
    'encoding-type': 'url',
    'list-type': '2',
    prefix: `${settings.prefix}${prefix}`,
  }
  const all: ListedObject[] = []
  const tokens = new Set<string>()
  for (let token = ''; ;) {
    const query = token === '' ? asked : { 'continuation-token': token, ...asked }
    const { taken: page, ...answer } = await requests.send(
      { method: 'GET', query },
      signal,
      async (response) => pageOf((await response.whole(PAGE_BYTES)).toString(), settings.prefix, prefix),
    )
    if (page === undefined) return answer
    const { objects, next } = page
    for (const object of objects) all.push(object)
    if (next === '') return { ...answer, objects: all }
    if (tokens.has(next))
      return { status: 0, code: '', message: `the listing of ${settings.url.host} does not end` }
    tokens.add(next)
    token = next
  }
}

/** Throws IO for what isn't a page. */
function pageOf(xml: string, top: string, prefix: string): Page {
  if (!/<ListBucketResult[ >]/.test(xml) || !xml.trimEnd().endsWith('</ListBucketResult>'))
    throw broken('an answer that is cut off or something else')
  const urls = elementOf(xml, 'EncodingType') === 'url'
  const objects = elementsOf(xml, 'Contents').map((contents) => {
    const text = elementOf(contents, 'Key')
    const key = text === undefined || !urls ? text : decoded(text)
    const size = elementOf(contents, 'Size')
    if (key === undefined || size === undefined || !/^\d+$/.test(size))
      throw broken('an object without a key or size')
    if (!key.startsWith(`${top}${prefix}`)) throw broken(`the key ${JSON.stringify(key)}`)
    return { key: key.slice(top.length), size: Number(size) }
  })
  const truncated = elementOf(xml, 'IsTruncated')
  const next = elementOf(xml, 'NextContinuationToken') ?? ''
  if (truncated !== 'true' && truncated !== 'false') throw broken('no IsTruncated')
  if (truncated === 'true' && next === '') throw broken('no token for the next page')
  return { objects, next: truncated === 'true' ? next : '' }
}

/** As S3 encodes keys, which is as forms do: a plus is a space. */
function decoded(text: string): string | undefined {
  try {
    return decodeURIComponent(text.replaceAll('+', ' '))
  } catch {
    return undefined
  }
}

function broken(found: string): LogstreamError {
  return new LogstreamError('IO', `expected a page of a bucket's listing, found ${found}`)
}
