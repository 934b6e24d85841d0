/** The page on the store's own listener: nothing but this store to ask. */
import { pageRoutes } from '../page/assets.ts'
import { Ledger } from '../flow/ledger.ts'
import type { PageStatus } from '../page/status.ts'
import { json, type Request, type Route } from '../net/server/router.ts'
import { VERSION } from '../version.ts'

/** `secure`: the listener speaks TLS. */
export function storePageRoutes(secure: boolean): readonly Route[] {
  return [
    ...pageRoutes('/'),
    {
      methods: ['GET'],
      path: '/api/v0/logstream/status',
      handle: ({ headers }: Request) =>
        json(200, statusAt(`${secure ? 'https' : 'http'}://${headers.host ?? ''}`)),
    },
  ]
}

function statusAt(url: string): PageStatus {
  return {
    version: VERSION,
    now: Date.now(),
    server: 'store',
    components: [],
    ledger: { read: 0, inFlight: 0, rows: [], notes: new Ledger().notes() },
    sources: [{ name: 'store', kind: 'store', url, path: '' }],
    support: false,
  }
}
