/** What S3's requests do to the objects of one bucket, in memory. */
import { createHash } from 'node:crypto'

export interface ObjectsRequest {
  readonly method: string
  /** '' for the bucket. */
  readonly key: string
  readonly query: URLSearchParams
  readonly headers: Readonly<Record<string, string | string[] | undefined>>
  readonly body: Buffer
}

export interface ObjectsAnswer {
  readonly status: number
  readonly headers?: Readonly<Record<string, string>>
  readonly body?: Buffer | string
}

/** Of a page of a listing; S3's are 1000. */
const PAGE = 3

export class S3Objects {
  readonly objects = new Map<string, Buffer>()
  /** Parts of unfinished uploads by number, by the upload's name. */
  readonly uploads = new Map<string, Map<number, Buffer>>()
  #serial = 0

  answer(request: ObjectsRequest): ObjectsAnswer {
    const { method, key, query, body } = request
    const upload = query.get('uploadId')
    if (upload !== null) return this.#part(request, upload)
    if (key === '') return this.#list(query)
    if (method === 'POST' && query.has('uploads')) {
      const id = `upload&${++this.#serial}`
      this.uploads.set(id, new Map())
      return xml(
        200,
        `<InitiateMultipartUploadResult><UploadId>${escaped(id)}</UploadId></InitiateMultipartUploadResult>`,
      )
    }
    const held = this.objects.get(key)
    if (method === 'PUT') {
      const { 'if-match': match, 'if-none-match': none } = request.headers
      if (none === '*' && held !== undefined) return error(412, 'PreconditionFailed')
      if (match !== undefined && held === undefined) return error(404, 'NoSuchKey')
      if (match !== undefined && match !== etagOf(held!)) return error(412, 'PreconditionFailed')
      this.objects.set(key, body)
      return { status: 200, headers: { etag: etagOf(body) } }
    }
    if (method === 'DELETE') {
      this.objects.delete(key)
      return { status: 204 }
    }
    if (held === undefined) return error(404, 'NoSuchKey')
    const { range, 'if-match': same } = request.headers
    if (same !== undefined && same !== etagOf(held)) return error(412, 'PreconditionFailed')
    const [, from, to] = /^bytes=(\d+)-(\d+)$/.exec(String(range)) ?? []
    if (from === undefined) return { status: 200, headers: { etag: etagOf(held) }, body: held }
    const part = held.subarray(Number(from), Number(to) + 1)
    if (part.length === 0) return error(416, 'InvalidRange')
    const found = `bytes ${from}-${Number(from) + part.length - 1}/${held.length}`
    return { status: 206, headers: { etag: etagOf(held), 'content-range': found }, body: part }
  }

  #part({ method, key, query, body }: ObjectsRequest, id: string): ObjectsAnswer {
    const parts = this.uploads.get(id)
    if (parts === undefined) return error(404, 'NoSuchUpload')
    if (method === 'PUT') {
      parts.set(Number(query.get('partNumber')), body)
      return { status: 200, headers: { etag: etagOf(body) } }
    }
    if (method === 'DELETE') {
      this.uploads.delete(id)
      return { status: 204 }
    }
    const named = [...body.toString().matchAll(/<PartNumber>(\d+)<\/PartNumber><ETag>([^<]+)<\/ETag>/g)]
    const listed = named.map(([, number, etag]) => ({ part: parts.get(Number(number)), etag }))
    if (listed.length === 0 || !listed.every(({ part, etag }) => part !== undefined && etagOf(part) === etag))
      return error(400, 'InvalidPart')
    this.uploads.delete(id)
    this.objects.set(key, Buffer.concat(listed.map(({ part }) => part!)))
    return xml(
      200,
      `<CompleteMultipartUploadResult><ETag>"${listed.length} parts"</ETag></CompleteMultipartUploadResult>`,
    )
  }

  #list(query: URLSearchParams): ObjectsAnswer {
    const after = query.get('continuation-token') ?? ''
    const keys = [...this.objects.keys()].filter((key) => key.startsWith(query.get('prefix') ?? '')).sort()
    const left = keys.filter((key) => key > after)
    const page = left.slice(0, PAGE)
    const urls = query.get('encoding-type') === 'url'
    const contents = page.map((key) => {
      const named = urls ? new URLSearchParams({ key }).toString().slice(4) : escaped(key)
      return `<Contents><Key>${named}</Key><ETag>&quot;e&quot;</ETag><Size>${this.objects.get(key)!.length}</Size></Contents>`
    })
    const more = left.length > PAGE
    const next = more ? `<NextContinuationToken>${escaped(page.at(-1)!)}</NextContinuationToken>` : ''
    const encoding = urls ? '<EncodingType>url</EncodingType>' : ''
    return xml(
      200,
      `<ListBucketResult xmlns="http://s3.amazonaws.com/doc/2006-03-01/">${encoding}<IsTruncated>${more}</IsTruncated>${next}${contents.join('')}</ListBucketResult>`,
    )
  }
}

const etagOf = (body: Buffer): string => `"${createHash('md5').update(body).digest('hex')}"`

const escaped = (text: string): string =>
  text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;')

function xml(status: number, body: string): ObjectsAnswer {
  return { status, headers: { 'content-type': 'application/xml' }, body: `<?xml version="1.0"?>\n${body}` }
}

export function error(status: number, code: string): ObjectsAnswer {
  return xml(status, `<Error><Code>${code}</Code><Message>as the test says</Message></Error>`)
}
