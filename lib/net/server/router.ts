/** Routes of a small HTTP server: method and path select a handler; answers are data, written in one place. */
import type { IncomingMessage, ServerResponse } from 'node:http'

export interface Request {
  readonly method: string
  readonly path: string
  readonly query: URLSearchParams
  readonly headers: IncomingMessage['headers']
  /** The raw message, for bodies and for streams of events. */
  readonly raw: IncomingMessage
}

export interface Answer {
  readonly status: number
  readonly type?: string
  readonly body: string | Buffer
  readonly headers?: Readonly<Record<string, string>>
}

/** Returns an answer, or writes to the response itself and returns nothing. */
export type Handler = (
  request: Request,
  response: ServerResponse,
) => Answer | undefined | Promise<Answer | undefined>

export interface Route {
  readonly methods: readonly string[]
  /** An exact path, or one that ends with `/*` for everything below it. */
  readonly path: string
  readonly handle: Handler
}

export function text(status: number, body: string): Answer {
  return { status, type: 'text/plain; charset=utf-8', body: body.endsWith('\n') ? body : `${body}\n` }
}

export function html(status: number, body: string): Answer {
  return { status, type: 'text/html; charset=utf-8', body }
}

export function json(status: number, body: unknown): Answer {
  return { status, type: 'application/json; charset=utf-8', body: JSON.stringify(body) }
}

/** Returns the handler of a request; one that answers 404 or 405 when there is none. */
export function route(routes: readonly Route[], method: string, path: string): Handler {
  const here = routes.filter((each) => matches(each.path, path))
  if (here.length === 0) return () => text(404, `there is nothing at ${path}`)
  const found = here.find(
    ({ methods }) => methods.includes(method) || (method === 'HEAD' && methods.includes('GET')),
  )
  if (found !== undefined) return found.handle
  const allow = [...new Set(here.flatMap(({ methods }) => methods))].join(', ')
  return () => ({ ...text(405, `${path} takes ${allow}, not ${method}`), headers: { allow } })
}

function matches(pattern: string, path: string): boolean {
  return pattern.endsWith('/*') ? path.startsWith(pattern.slice(0, -1)) : pattern === path
}
