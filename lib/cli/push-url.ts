/** The push address of a Loki that was named in short. */
import { LogstreamError } from '../errors.ts'

/** `http://host:3100` becomes its push URL; one with a path, and grpc:// URLs, stay. Throws BAD_USAGE. */
export function pushUrl(text: string): string {
  if (!URL.canParse(text) || !/^(https?|grpcs?):/.test(text))
    throw new LogstreamError(
      'BAD_USAGE',
      `expected the URL of a Loki such as http://127.0.0.1:3100, found "${text}"`,
    )
  const url = new URL(text)
  if (!url.protocol.startsWith('http') || (url.pathname !== '/' && url.pathname !== '')) return text
  url.pathname = '/loki/api/v1/push'
  return url.href
}
