/**
 * `/api/v0/web/graph`, and `/graph/MODULE` for a module, as in Alloy's internal/web/api/api.go: streams the rates at which
 * components hand on entries, as a JSON list per window that ends with `|;|`.
 */
import type { ServerResponse } from 'node:http'
import { text, type Answer, type Request, type Route } from '../net/server/router.ts'
import type { ComponentInfo } from '../run/supervise/component-info.ts'
import { LiveAnswer } from './tap/live-answer.ts'

const END = '|;|'
const WINDOW_S = 5
const LONGEST_WINDOW_S = 60

type Components = () => readonly ComponentInfo[]

/** One entry of the list. */
interface Rate {
  readonly componentID: string
  /** `null`: every component that it forwards to. */
  readonly targetComponentIDs: null
  readonly type: 'loki_log'
  /** Entries a second. */
  readonly rate: number
}

/** `prefix` ends with `/`. */
export function liveGraphRoutes(components: Components, prefix: string): readonly Route[] {
  const path = `${prefix}api/v0/web/graph`
  return [
    {
      methods: ['GET'],
      path,
      handle: (request, response) => graph(components, '', request, response),
    },
    {
      methods: ['GET'],
      path: `${path}/*`,
      handle: (request, response) => {
        const asked = request.path.slice(path.length + 1)
        const module = components()
          .map(moduleOf)
          .find((each) => each === asked || encodeURIComponent(each) === asked)
        if (module === undefined) return text(500, `module ${asked} not found`)
        return graph(components, module, request, response)
      },
    },
  ]
}

function graph(
  components: Components,
  module: string,
  { query, method }: Request,
  response: ServerResponse,
): Answer | undefined {
  const seconds = Number(query.get('window') ?? WINDOW_S)
  if (!Number.isInteger(seconds) || seconds < 1 || seconds > LONGEST_WINDOW_S)
    return text(400, `Invalid window: must be an integer between 1 and ${LONGEST_WINDOW_S}`)
  if (method === 'HEAD') return text(200, '')
  const answer = new LiveAnswer(response, 'text/plain; charset=utf-8')
  let before = sentBy(components, module)
  answer.every(seconds * 1000, () => {
    const now = sentBy(components, module)
    const rates = [...now].map(([componentID, sent]): Rate => {
      // A component that was replaced counts from zero again.
      const last = before.get(componentID) ?? 0
      const rate = (sent < last ? sent : sent - last) / seconds
      return { componentID, targetComponentIDs: null, type: 'loki_log', rate }
    })
    before = now
    answer.write(`${JSON.stringify(rates.filter(({ rate }) => rate > 0))}${END}`)
  })
  return undefined
}

function sentBy(components: Components, module: string): ReadonlyMap<string, number> {
  return new Map(
    components()
      .filter((each) => moduleOf(each) === module)
      .map(({ fullId, sent }) => [fullId, sent]),
  )
}

function moduleOf({ fullId, id }: ComponentInfo): string {
  return fullId.slice(0, fullId.length - id.length).replace(/\/$/, '')
}
