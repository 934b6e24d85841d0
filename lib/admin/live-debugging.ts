/**
 * `/api/v0/web/debug/ID`, Alloy's live debugging: streams what a component does to entries, as texts that each end with
 * `|;|`. Answers and texts as in Alloy's internal/web/api/api.go and its components.
 */
import type { ServerResponse } from 'node:http'
import type { StageWatcher } from '../flow/stage-tap.ts'
import type { BatchWatcher } from '../flow/batch-tap.ts'
import type { Entry } from '../flow/entry.ts'
import type { LabelSet } from '../flow/labels.ts'
import { formatLabels } from '../formats/label-text.ts'
import { formatRfc3339Nano } from '../go/rfc3339.ts'
import { text, type Answer, type Request, type Route } from '../net/server/router.ts'
import { TokenBucket } from '../token-bucket.ts'
import { content, type Guard } from './guards.ts'
import { LiveAnswer } from './tap/live-answer.ts'
import { componentAt, hasInput, hasOutput, type Watched } from './tap/points.ts'
import type { Inspected } from './web-api.ts'

const END = '|;|'
/** Entries a second. Alloy buffers as many texts. */
const MOST = 1000

export interface Debugged {
  readonly watched: Watched
  readonly settings: () => Inspected['settings']
}

/** `prefix` ends with `/`. */
export function liveDebuggingRoute(debugged: Debugged, guard: Guard | undefined, prefix: string): Route {
  const root = `${prefix}api/v0/web/debug/`
  return {
    methods: ['GET'],
    path: `${root}*`,
    handle: content(guard, (request, response) =>
      debug(debugged, request.path.slice(root.length), request, response),
    ),
  }
}

function debug(
  { watched, settings }: Debugged,
  path: string,
  { query, method }: Request,
  response: ServerResponse,
): Answer | undefined {
  if (settings().get('livedebugging')?.['enabled'] !== true)
    return text(500, 'live debugging is disabled: add livedebugging { enabled = true } to the config')
  const details = componentAt(watched.details(), path)
  if (details === undefined) return text(500, 'component not found')
  const { fullId, definition } = details
  if (!hasOutput(details))
    return text(500, `the component "${definition.name}" does not support live debugging`)
  const share = Number(query.get('sampleProb') ?? 1)
  if (!(share >= 0 && share <= 1)) return text(400, 'Invalid sample probability')
  if (method === 'HEAD') return text(200, '')
  const answer = new LiveAnswer(response, 'text/plain; charset=utf-8')
  const bucket = new TokenBucket(MOST, MOST)
  const publisher: Publisher = {
    chosen: () => (share === 1 || Math.random() < share) && bucket.take(Date.now()),
    publish: (pieces) => {
      if (pieces.length > 0) answer.write(pieces.map((piece) => piece + END).join(''))
    },
  }
  const describe = CHANGES[definition.name]
  if (describe !== undefined) answer.onEnd(watched.watchStages(fullId, changes(publisher, describe)))
  else {
    if (hasInput(details)) answer.onEnd(watched.watch(fullId, passing(publisher, 'IN')))
    answer.onEnd(watched.watchOutput(fullId, passing(publisher, 'OUT')))
  }
  return undefined
}

interface Publisher {
  readonly chosen: () => boolean
  readonly publish: (pieces: readonly string[]) => void
}

function passing({ chosen, publish }: Publisher, way: 'IN' | 'OUT'): BatchWatcher {
  return (batch) => {
    publish(
      batch
        .peek()
        .filter(chosen)
        .map(
          ({ seconds, nanos, line, labels, structuredMetadata }) =>
            `[${way}]: timestamp: ${formatRfc3339Nano(seconds, nanos)}, entry: ${line}, labels: ${labelText(labels)}, structured_metadata: ${JSON.stringify(Object.fromEntries(structuredMetadata))}`,
        ),
    )
  }
}

/** An entry before a component worked on it. */
interface Before {
  readonly entry: Entry
  readonly line: string
  readonly labels: LabelSet
}

/** Components that show before and after in one text. `after` is `undefined` for a dropped entry. */
const CHANGES: Readonly<Record<string, (before: Before, after: Entry | undefined) => string>> = {
  'loki.relabel': ({ line, labels }, after) =>
    `entry: ${line}, labels: ${labelText(labels)} => ${after === undefined ? '<dropped>' : labelText(after.labels)}`,
  'loki.secretfilter': ({ line }, after) => `${line} => ${after?.line ?? '<dropped>'}`,
}

function changes({ chosen, publish }: Publisher, describe: (typeof CHANGES)[string]): StageWatcher {
  return {
    enter: (_stage, entries) => {
      const before = entries
        .filter(chosen)
        .map((entry): Before => ({ entry, line: entry.line, labels: entry.labels }))
      return (passed) => {
        const left = new Set(passed)
        publish(before.map((each) => describe(each, left.has(each.entry) ? each.entry : undefined)))
      }
    },
  }
}

function labelText(labels: LabelSet): string {
  return formatLabels(labels.entries())
}
