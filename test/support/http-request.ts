/** Requests for HTTP handlers under test, made of Node's own classes but without a connection. */
import { IncomingMessage, ServerResponse, type IncomingHttpHeaders } from 'node:http'
import { Socket } from 'node:net'
import type { Answer, Handler, Request } from '../../lib/net/server/router.ts'

/** A message with these headers and this body. */
export function incomingMessage(
  headers: IncomingHttpHeaders = {},
  chunks: readonly string[] = [],
  socket = new Socket(),
): IncomingMessage {
  const message = new IncomingMessage(socket)
  message.headers = headers
  for (const chunk of chunks) message.push(chunk)
  message.push(null)
  message.complete = true
  return message
}

/** A GET of `/` without parameters, except for what `given` says. */
export function httpRequest(given: Partial<Request> = {}): Request {
  const raw = given.raw ?? incomingMessage(given.headers)
  return { method: 'GET', path: '/', query: new URLSearchParams(), headers: raw.headers, ...given, raw }
}

/** Calls a handler with a response that leads nowhere. */
export async function answerTo(handler: Handler, request: Request): Promise<Answer | undefined> {
  return await handler(request, new ServerResponse(request.raw))
}
