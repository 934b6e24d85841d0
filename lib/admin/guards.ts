/**
 * Who may see log lines, and who may act on the pipeline: clients on this machine, clients that had to authenticate, and
 * everyone where a flag says so. A read-only user sees and can't act, from wherever it comes.
 */
import { isLoopback } from '../net/server/address.ts'
import { asksForCredentials, isUser, type AuthSettings } from '../net/server/auth.ts'
import { refuseChange } from '../net/server/guard.ts'
import { text, type Answer, type Handler, type Request } from '../net/server/router.ts'

/** Why the client of a request may not do something; `undefined`: it may. */
export type Guard = (request: Request) => string | undefined

/** What the server enforces now. */
type CurrentAuth = () => AuthSettings | undefined

/** For log lines. `open`: everyone may see them. */
export function contentGuard(auth: CurrentAuth, open: boolean): Guard {
  return (request) =>
    open || isKnown(auth(), request)
      ? undefined
      : 'log lines are shown to other machines only with authentication: add http { auth { basic { ... } } } to the config, or start with --server.http.show-logs'
}

/** For what changes something: reloads, replays. `open`: every client that gets in may act, but a read-only user. */
export function actionGuard(auth: CurrentAuth, open: boolean): Guard {
  return (request) => {
    const now = auth()
    const { authorization } = request.headers
    // Where there's a read-only user, a path that the filter exempts must not be a way around it.
    if (now?.readOnly !== undefined && !(now.basic !== undefined && isUser(now.basic, authorization)))
      return isUser(now.readOnly, authorization)
        ? `"${now.readOnly.username}" may look and not act: sign in as the user of http { auth { basic { ... } } }`
        : 'this needs the user of http { auth { basic { ... } } }'
    return open || isKnown(now, request)
      ? undefined
      : 'other machines may act only with authentication: add http { auth { basic { ... } } } to the config, or start with --server.http.allow-actions'
  }
}

function isKnown(auth: AuthSettings | undefined, { path, raw }: Request): boolean {
  return isLoopback(raw.socket.remoteAddress ?? '') || asksForCredentials(auth ?? {}, path)
}

/** The handler, for POST requests of clients that may act; others are refused. */
export function action(guard: Guard | undefined, handle: Handler): Handler {
  return async (request, response) => {
    const refusal = refuseChange(request.method, request.headers)
    if (refusal !== undefined) return { ...text(405, refusal), headers: { allow: 'POST' } }
    const refused = guard?.(request)
    if (refused !== undefined) return forbidden(refused)
    return await handle(request, response)
  }
}

/** The handler, for clients that may see log lines; others are refused. */
export function content(guard: Guard | undefined, handle: Handler): Handler {
  return async (request, response) => {
    const refused = guard?.(request)
    return refused === undefined ? await handle(request, response) : forbidden(refused)
  }
}

function forbidden(why: string): Answer {
  return text(403, why)
}
