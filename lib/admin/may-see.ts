/**
 * Who may see log lines and act on the pipeline: clients on this machine, clients that had to authenticate, and everyone
 * where a flag says so.
 */
import { isLoopback } from '../net/server/address.ts'
import { asksForCredentials, type AuthSettings } from '../net/server/auth.ts'
import type { Request } from '../net/server/router.ts'

/** Why the client of a request may not see log lines; `undefined`: it may. */
export type ContentGuard = (request: Request) => string | undefined

/** `auth` is what the server enforces now; `open`: everyone may see. */
export function contentGuard(auth: () => AuthSettings | undefined, open: boolean): ContentGuard {
  return ({ path, raw }) => {
    if (open || isLoopback(raw.socket.remoteAddress ?? '')) return undefined
    if (asksForCredentials(auth() ?? {}, path)) return undefined
    return 'log lines are shown to other machines only with authentication: add http { auth { basic { ... } } } to the config, or start with --server.http.show-logs'
  }
}
