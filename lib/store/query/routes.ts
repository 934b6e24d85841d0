/** The query half of Loki's HTTP API over a querier: addresses, turns, timeouts and errors. */
import type { ServerResponse } from 'node:http'
import { text, type Answer, type Handler, type Request, type Route } from '../../net/server/router.ts'
import { defaultLimits, type Limits } from '../../logql/engine/budget.ts'
import { checkExpression } from '../../logql/syntax/check.ts'
import { LogqlError } from '../../logql/syntax/error.ts'
import { parseTree } from '../../logql/syntax/parse.ts'
import { formatExpression } from '../../logql/syntax/format.ts'
import type { Querier } from '../../logql/engine/querier.ts'
import { FORMAT_JSON, errorAnswer, jsonAnswer, packed, queryErrorText } from './answers.ts'
import { answerFieldValues, answerValues, endpoints, type Endpoint } from './endpoints.ts'
import { legacyEndpoints, legacyValues } from './legacy.ts'
import { requestParameters } from './parameters.ts'
import { Turns } from '../../flow/turns.ts'
import { QUERY_TURNS } from '../shared-work.ts'

export interface QueryRouteOptions {
  readonly querier: Querier
  /** What one query may cost; those of Loki are the defaults. */
  readonly limits?: Partial<Limits>
  readonly turns?: Turns
  /** Milliseconds since 1970. */
  readonly now?: () => number
}

const ROOT = '/loki/api/v1/'
const LEGACY_ROOT = '/api/prom/'
const METHODS = ['GET', 'POST']

/** What every request shares. */
interface Service {
  readonly querier: Querier
  readonly limits: Limits
  readonly turns: Turns
  readonly now: () => number
}

/** The routes of queries. */
export function queryRoutes(options: QueryRouteOptions): Route[] {
  const service: Service = {
    querier: options.querier,
    limits: { ...defaultLimits, ...options.limits },
    turns: options.turns ?? new Turns(QUERY_TURNS),
    now: options.now ?? Date.now,
  }
  const fixed = (root: string, all: Readonly<Record<string, Endpoint>>): Route[] =>
    Object.entries(all).map(([name, endpoint]) =>
      queryRoute(root + name, (request, response) => ask(service, request, response, { endpoint, name: '' })),
    )
  const named = (root: string, endpoint: Endpoint): Route =>
    queryRoute(`${root}*`, namedHandler(service, root, endpoint))
  return [
    ...fixed(ROOT, endpoints),
    ...fixed(LEGACY_ROOT, legacyEndpoints),
    named(`${ROOT}label/`, answerValues),
    named(`${ROOT}detected_field/`, answerFieldValues),
    named(`${LEGACY_ROOT}label/`, legacyValues),
    queryRoute(`${ROOT}format_query`, format),
  ]
}

function queryRoute(path: string, handle: Handler): Route {
  return { methods: METHODS, path, handle }
}

// path = root name "/values"; the name may have escapes
function namedHandler(service: Service, root: string, endpoint: Endpoint): Handler {
  return (request, response) => {
    const found = /^(.+)\/values$/.exec(request.path.slice(root.length))?.[1]
    const name = found === undefined ? undefined : unescaped(found)
    if (name === undefined) return text(404, `there is nothing at ${request.path}`)
    return ask(service, request, response, { endpoint, name })
  }
}

function unescaped(text: string): string | undefined {
  try {
    return decodeURIComponent(text)
  } catch {
    return undefined
  }
}

async function format(request: Request): Promise<Answer> {
  const parameters = await requestParameters(request)
  if (!parameters.ok) return errorAnswer(parameters.status, parameters.message)
  const query = parameters.values.get('query') ?? ''
  try {
    const expression = parseTree(query)
    checkExpression(expression, 'as-parsed')
    return jsonAnswer({ status: 'success', data: formatExpression(expression) }, FORMAT_JSON)
  } catch (error) {
    if (!(error instanceof LogqlError)) throw error
    return jsonAnswer({ status: 'invalid-query', error: queryErrorText(query, error) }, FORMAT_JSON, 400)
  }
}

interface Target {
  readonly endpoint: Endpoint
  readonly name: string
}

async function ask(
  service: Service,
  request: Request,
  response: ServerResponse,
  target: Target,
): Promise<Answer | undefined> {
  const parameters = await requestParameters(request)
  if (!parameters.ok) return errorAnswer(parameters.status, parameters.message)
  const stop = new AbortController()
  const gone = (): void => stop.abort(new Error('the client is gone'))
  response.once('close', gone)
  // A signal that reports the lack of time lets the database stop, which looks at no clock of its own.
  const timer = setTimeout(() => stop.abort(new Error('the time is up')), service.limits.timeout)
  const deadline = performance.now() + service.limits.timeout
  try {
    return await inTurn(service, request, parameters.values, { ...target, signal: stop.signal })
  } catch (error) {
    if (response.destroyed) return undefined
    if (performance.now() >= deadline || stop.signal.aborted) return tooSlow(service.limits.timeout)
    if (error instanceof LogqlError) return refusal(parameters.values, error)
    throw error
  } finally {
    clearTimeout(timer)
    response.off('close', gone)
  }
}

async function inTurn(
  { turns, querier, limits, now }: Service,
  { headers }: Request,
  values: URLSearchParams,
  { endpoint, name, signal }: Target & { readonly signal: AbortSignal },
): Promise<Answer> {
  const end = await turns.take(signal)
  if (end === undefined) return errorAnswer(429, 'too many queries wait already: ask again in a moment')
  try {
    const flags = headers['x-loki-response-encoding-flags']
    const body = await endpoint(querier, {
      values,
      name,
      flags: typeof flags === 'string' ? flags : flags?.join(','),
      now: BigInt(now()) * 1_000_000n,
      signal,
      limits,
    })
    return await packed(jsonAnswer(body), headers['accept-encoding'] as string | undefined)
  } finally {
    end()
  }
}

function tooSlow(ms: number): Answer {
  return errorAnswer(
    504,
    `the query took longer than ${ms / 1000} s: narrow its selector or its time, or add line filters`,
  )
}

function refusal(values: URLSearchParams, error: LogqlError): Answer {
  const [query = '', ...others] = ['query', 'match[]', 'match'].flatMap((name) => values.getAll(name))
  // With several selectors the offset could belong to any of them.
  return errorAnswer(error.status, others.length === 0 ? queryErrorText(query, error) : error.message)
}
