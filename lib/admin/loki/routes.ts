/** The routes by which the page reaches the Lokis of the config; log content, so not every client may use them. */
import type { Duplex } from 'node:stream'
import { text, type Request, type Route } from '../../net/server/router.ts'
import type { SourceStatus } from '../../page/status.ts'
import type { Inspected } from '../web-api.ts'
import { content, type Guard } from '../guards.ts'
import { lokiAsker } from './ask.ts'
import { lokiSources, type LokiSource } from './sources.ts'

export interface LokiRoutes {
  readonly routes: readonly Route[]
  sources(): readonly SourceStatus[]
  upgrade(request: Request, socket: Duplex, head: Buffer): void
  close(): Promise<void>
}

/** `prefix` ends with `/`. */
export function lokiRoutes(inspected: Inspected, prefix: string, guard: Guard): LokiRoutes {
  const root = `${prefix}api/v0/logstream/loki/`
  const asker = lokiAsker()
  const all = (): readonly LokiSource[] => lokiSources(inspected.details(), inspected.components())
  // rest = id "/" path, the id escaped into one segment
  const target = (path: string): { source: LokiSource | undefined; rest: string } => {
    const [id = '', ...rest] = path.slice(root.length).split('/')
    return { source: all().find((each) => encodeURIComponent(each.id) === id), rest: rest.join('/') }
  }
  return {
    routes: [
      {
        methods: ['GET'],
        path: `${root}*`,
        handle: content(guard, async (request, response) => {
          const { source, rest } = target(request.path)
          if (source === undefined) return text(404, 'the config names no such Loki')
          return await asker.ask(source, rest, request, response)
        }),
      },
    ],
    sources: () =>
      all().map(({ id, kind, url }) => ({
        name: id,
        kind,
        url,
        path: `api/v0/logstream/loki/${encodeURIComponent(id)}/`,
      })),
    upgrade: (request, socket, head) => {
      const { source, rest } = target(request.path)
      if (!request.path.startsWith(root) || source === undefined || guard(request) !== undefined)
        return void socket.end('HTTP/1.1 403 Forbidden\r\nContent-Length: 0\r\nConnection: close\r\n\r\n')
      void asker.tail(source, rest, request, socket, head)
    },
    close: () => asker.close(),
  }
}
