/** Where Loki takes pushes. A URL without a path is Loki's address, and gets the path, wherever a URL is given. */
export const PUSH_PATH = '/loki/api/v1/push'

/** Whether a URL has no path, so that it doesn't say where to push. gRPC has none. */
export function isAddress({ protocol, pathname }: URL): boolean {
  return protocol.startsWith('http') && (pathname === '/' || pathname === '')
}

/** Returns the URL that is pushed to. */
export function withPushPath(url: URL): URL {
  if (!isAddress(url)) return url
  const push = new URL(url)
  push.pathname = PUSH_PATH
  return push
}
