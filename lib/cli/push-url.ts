/** The push URL of a Loki given by its address. */
import { LogstreamError } from '../errors.ts'
import { isAddress, withPushPath } from '../loki/push-path.ts'

/** Adds the push path to `http://host:3100`. A URL with a path, and grpc:// URLs, stay as they are. Throws BAD_USAGE. */
export function pushUrl(text: string): string {
  if (!URL.canParse(text) || !/^(https?|grpcs?):/.test(text))
    throw new LogstreamError(
      'BAD_USAGE',
      `expected the URL of a Loki such as http://127.0.0.1:3100, found "${text}"`,
    )
  const url = new URL(text)
  return isAddress(url) ? withPushPath(url).href : text
}
