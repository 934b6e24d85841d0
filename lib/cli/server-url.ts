/** A server named by a flag: its URL, and the credentials in it as a header. */
import { LogstreamError } from '../errors.ts'
import { VERSION } from '../version.ts'

export interface NamedServer {
  /** Without credentials. */
  readonly url: URL
  readonly headers: Record<string, string>
}

/** Throws BAD_USAGE that doesn't quote the text: it may hold a password. */
export function namedServer(text: string, expected: string): NamedServer {
  if (!URL.canParse(text) || !/^https?:/.test(text))
    throw new LogstreamError('BAD_USAGE', `expected ${expected}, found another text`)
  const url = new URL(text)
  const headers: Record<string, string> = { 'user-agent': `logstream/${VERSION}` }
  if (url.username !== '' || url.password !== '') {
    const pair = `${decodeURIComponent(url.username)}:${decodeURIComponent(url.password)}`
    headers['authorization'] = `Basic ${Buffer.from(pair).toString('base64')}`
    url.username = ''
    url.password = ''
  }
  return { url, headers }
}
