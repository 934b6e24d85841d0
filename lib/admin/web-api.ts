/** `/api/v0/web/components`: running components as JSON, in the shape of Alloy's UI API, without secrets. */
import { json, text, type Answer, type Route } from '../net/server/router.ts'
import type { ComponentDetails, ComponentInfo } from '../run/supervise/component-info.ts'
import type { ObservedHealth } from '../run/supervise/health-watch.ts'
import type { ConfigText } from '../run/modules/config-text.ts'
import { describeExports, describeOptions, type Described } from './describe.ts'
import { scrubbed, secretValues } from './secrets.ts'
import { hasOutput } from './tap/points.ts'

/** What the API shows; a supervisor has it all. */
export interface Inspected {
  components(): readonly ComponentInfo[]
  details(): readonly ComponentDetails[]
  /** The texts of the config that runs. */
  readonly texts: readonly ConfigText[]
  /** Decoded config blocks by name. */
  readonly settings: ReadonlyMap<string, Readonly<Record<string, unknown>>>
}

/** One component of the list. Ids are relative to its module. */
interface Listed {
  readonly name: string
  readonly type: 'block'
  readonly localID: string
  readonly moduleID: string
  readonly label: string
  readonly referencesTo: readonly string[]
  readonly referencedBy: readonly string[]
  readonly dataFlowEdgesTo: readonly string[]
  readonly health: { readonly state: string; readonly message: string; readonly updatedTime: string }
  readonly liveDebuggingEnabled: boolean
}

interface Shown extends Listed {
  readonly arguments: readonly Described[]
  readonly exports: readonly Described[]
  readonly debugInfo: unknown
}

/** `prefix` ends with `/`. */
export function webApiRoutes(inspected: Inspected, prefix: string): readonly Route[] {
  const list = `${prefix}api/v0/web/components`
  return [
    { methods: ['GET'], path: list, handle: () => clean(inspected, listed(inspected)) },
    {
      methods: ['GET'],
      path: `${list}/*`,
      handle: ({ path }) => one(inspected, path.slice(list.length + 1)),
    },
  ]
}

/** Every secret string of the running config. */
export function secretsOf(inspected: Inspected): ReadonlySet<string> {
  return secretValues(
    [...inspected.settings.values()],
    inspected.details().map(({ options, exports }) => [options, exports]),
  )
}

function clean(inspected: Inspected, body: unknown): Answer {
  return json(200, scrubbed(body, secretsOf(inspected)))
}

function one(inspected: Inspected, path: string): Answer {
  const fullId = decoded(path)
  const details = inspected.details().find((each) => each.fullId === fullId)
  if (details === undefined) return text(404, `there is no component "${fullId}"`)
  const { definition, options, exports } = details
  const component = listed(inspected).find((each) => fullIdOf(each) === fullId)!
  const shown: Shown = {
    ...component,
    arguments: describeOptions(definition.fields, options),
    exports: describeExports(exports),
    debugInfo: inspected.components().find((each) => each.fullId === fullId)?.status ?? null,
  }
  return clean(inspected, shown)
}

function listed(inspected: Inspected): Listed[] {
  const health = new Map(inspected.components().map((each) => [each.fullId, each.health]))
  const all = inspected.details().map(({ fullId, id, definition, forwardTo, declared }) => {
    const moduleID = fullId.slice(0, fullId.length - id.length).replace(/\/$/, '')
    const edges = forwardTo.map((target) => localIn(moduleID, target))
    const references = (declared?.references ?? []).map((target) => localIn(moduleID, target))
    return {
      name: definition.name,
      type: 'block' as const,
      localID: id,
      moduleID,
      label: id.slice(definition.name.length + 1),
      referencesTo: [...new Set([...references, ...edges])],
      dataFlowEdgesTo: edges,
      health: healthOf(health.get(fullId)),
      liveDebuggingEnabled: hasOutput({ definition }),
    }
  })
  return all.map((each) => ({
    ...each,
    referencedBy: all
      .filter(
        ({ moduleID, referencesTo }) => moduleID === each.moduleID && referencesTo.includes(each.localID),
      )
      .map(({ localID }) => localID),
  }))
}

function healthOf(health: ObservedHealth | undefined): Listed['health'] {
  const { state = 'unknown', message = '', since = Date.now() } = health ?? {}
  return { state, message, updatedTime: new Date(since).toISOString() }
}

function localIn(moduleID: string, fullId: string): string {
  return moduleID !== '' && fullId.startsWith(`${moduleID}/`) ? fullId.slice(moduleID.length + 1) : fullId
}

function fullIdOf({ moduleID, localID }: Listed): string {
  return moduleID === '' ? localID : `${moduleID}/${localID}`
}

function decoded(path: string): string {
  try {
    return decodeURIComponent(path)
  } catch {
    return path
  }
}
