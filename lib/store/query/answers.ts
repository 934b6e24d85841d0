/** The answers of the query API on the wire: content types, error texts, and gzip for clients that accept it. */
import { promisify } from 'node:util'
import * as zlib from 'node:zlib'
import type { Answer } from '../../net/server/router.ts'
import { parseErrorText, type LogqlError } from '../../logql/syntax/error.ts'

/** Loki writes the name of the character set in capitals here, and in small letters for `format_query`. */
const QUERY_JSON = 'application/json; charset=UTF-8'
export const FORMAT_JSON = 'application/json; charset=utf-8'

/** Shorter bodies aren't worth compressing. */
const WORTH_PACKING = 1400
/** Shorter ones are compressed in 0.5 ms at most, which is less than a thread takes to begin. */
const WORTH_A_THREAD = 64 * 1024

const gzip = promisify(zlib.gzip)

/** A body that is JSON already, as of numbers that JavaScript doesn't have. */
export class RawJson {
  readonly text: string

  constructor(text: string) {
    this.text = text
  }
}

export function jsonAnswer(body: unknown, type: string = QUERY_JSON, status: number = 200): Answer {
  return { status, type, body: body instanceof RawJson ? body.text : JSON.stringify(body) }
}

/** Plain text without a newline, as Loki's errors of queries are. */
export function errorAnswer(status: number, message: string): Answer {
  return { status, type: 'text/plain; charset=utf-8', body: message }
}

/** The message of an error, with its place in `query` if it has one. */
export function queryErrorText(query: string, error: LogqlError): string {
  return error.offset === undefined ? error.message : parseErrorText(query, error)
}

/** Compresses an answer if the client accepts it and it's worth it. `accepted` is the header Accept-Encoding. */
export async function packed(answer: Answer, accepted: string | undefined): Promise<Answer> {
  if (answer.body.length < WORTH_PACKING || !takesGzip(accepted ?? '')) return answer
  const headers = { ...answer.headers, 'content-encoding': 'gzip', vary: 'Accept-Encoding' }
  const pack = answer.body.length < WORTH_A_THREAD ? zlib.gzipSync : gzip
  return { ...answer, body: await pack(answer.body, { level: 4 }), headers }
}

// Accept-Encoding = [ coding [ ";" "q=" weight ] { "," ... } ]   (RFC 9110, section 12.5.3)
function takesGzip(header: string): boolean {
  return header.split(',').some((each) => {
    const [coding, ...parameters] = each.split(';').map((part) => part.trim().toLowerCase())
    return coding === 'gzip' && !parameters.some((parameter) => /^q=0(?:\.0*)?$/.test(parameter))
  })
}
