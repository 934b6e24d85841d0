/** Routes for the page's Failures: which entries failed, why, and what an edited stage would do. */
import type { IncomingMessage } from 'node:http'
import { LogstreamError, messageOf } from '../../errors.ts'
import { readBody } from '../../loki/body.ts'
import { json, text, type Answer, type Handler, type Route } from '../../net/server/router.ts'
import type { ComponentDetails } from '../../run/supervise/component-info.ts'
import { action, content, type Guard } from '../guards.ts'
import { context, explainEntries } from './explain-entries.ts'
import type {
  ExplainAnswer,
  ExplainRequest,
  FailedEntry,
  RecentFailures as Recent,
  TryRequest,
} from './messages.ts'
import { Processes, type Process } from './processes.ts'
import type { RecentFailures } from './recent.ts'
import { newestLetters } from './refused.ts'
import { formatted, readStages, replaceStage, stageTexts } from './stage-texts.ts'

/** Room for a thousand entries of ordinary size. */
const MOST_BYTES = 8 * 1024 * 1024
const MOST_ENTRIES = 1000
/** Requests worked on at the same time. */
const AT_ONCE = 2

export interface FailureOptions {
  readonly details: () => readonly ComponentDetails[]
  readonly recent: RecentFailures
  /** Where dead letters are; `undefined`: nowhere. */
  readonly storagePath: string | undefined
  readonly guard?: Guard
  readonly actions?: Guard
}

/** `prefix` ends with `/`. */
export function failureRoutes(options: FailureOptions, prefix: string): readonly Route[] {
  const { details, recent, storagePath, guard, actions } = options
  const root = `${prefix}api/v0/logstream/failures/`
  let busy = 0
  const asked =
    (answer: (body: unknown) => Promise<Answer>): Handler =>
    async ({ raw }) => {
      if (busy >= AT_ONCE) return text(503, 'other entries are being looked at: ask again in a moment')
      busy++
      try {
        return await answered(raw, answer)
      } finally {
        busy--
      }
    }
  return [
    {
      methods: ['GET'],
      path: `${root}recent`,
      handle: content(guard, () => json(200, { entries: recent.newest() } satisfies Recent)),
    },
    {
      methods: ['GET'],
      path: `${root}refused`,
      handle: content(guard, async () =>
        json(
          200,
          storagePath === undefined ? { entries: [], more: false } : await newestLetters(storagePath),
        ),
      ),
    },
    {
      methods: ['POST'],
      path: `${root}explain`,
      handle: content(
        guard,
        asked((body) => explain(explainRequest(body), new Processes(details()))),
      ),
    },
    {
      methods: ['POST'],
      path: `${root}try`,
      handle: action(
        actions,
        content(
          guard,
          asked((body) => tryStage(tryRequest(body), new Processes(details()))),
        ),
      ),
    },
  ]
}

async function answered(raw: IncomingMessage, answer: (body: unknown) => Promise<Answer>): Promise<Answer> {
  const body = await readBody(raw, MOST_BYTES)
  if (!body.ok)
    return text(
      body.status,
      body.status === 413 ? 'expected at most 8 MiB: send fewer entries' : body.message,
    )
  try {
    return await answer(JSON.parse(body.bytes.toString()))
  } catch (error) {
    if (error instanceof LogstreamError || error instanceof SyntaxError) return text(400, messageOf(error))
    throw error
  }
}

async function explain(request: ExplainRequest, processes: Processes): Promise<Answer> {
  const explained = await explainEntries(request, processes)
  const stages = chainsOf(request, processes).flatMap(stageTexts)
  return json(200, { ...explained, stages } satisfies ExplainAnswer)
}

async function tryStage(request: TryRequest, processes: Processes): Promise<Answer> {
  const { component, path, text: edited } = request.stage
  const [process] = processes.chain(component)
  const other = readStages(edited, (specs) => context().stages(specs).close?.())
  const specs = process && replaceStage(process.specs, path, other)
  if (specs === undefined) return text(404, 'the config that runs has no such stage: load the page again')
  const changed = {
    of: processes.of.bind(processes),
    chain: (id: string | undefined) =>
      processes.chain(id).map((each): Process => (each.id === component ? { ...each, specs } : each)),
  }
  const explained = await explainEntries(request, changed)
  const stages = chainsOf(request, processes).flatMap(stageTexts)
  return json(200, { ...explained, stages, formatted: formatted(edited) } satisfies ExplainAnswer)
}

function chainsOf({ entries, component }: ExplainRequest, processes: Processes): Process[] {
  const starts = component === undefined ? entries.map(({ labels }) => processes.of(labels)) : [component]
  const chains = [...new Set(starts)].flatMap((start) => processes.chain(start))
  return [...new Map(chains.map((each) => [each.id, each])).values()]
}

// ---- what comes from outside ----

function explainRequest(body: unknown): ExplainRequest {
  const { entries, selector, component } = record(body, 'the request')
  if (!Array.isArray(entries) || entries.length > MOST_ENTRIES)
    throw bad(`entries: expected a list of at most ${MOST_ENTRIES}`)
  return {
    entries: (entries as unknown[]).map(failedEntry),
    selector: string(selector, 'selector'),
    component: component === undefined ? undefined : string(component, 'component'),
  }
}

function tryRequest(body: unknown): TryRequest {
  const stage = record(record(body, 'the request')['stage'], 'stage')
  return {
    ...explainRequest(body),
    stage: {
      component: string(stage['component'], 'component'),
      path: string(stage['path'], 'path'),
      text: string(stage['text'], 'text'),
    },
  }
}

function failedEntry(value: unknown): FailedEntry {
  const { line, labels, structured_metadata: metadata, timestamp } = record(value, 'an entry')
  const time = timestamp === undefined ? undefined : string(timestamp, 'timestamp')
  if (time !== undefined && !/^-?\d{1,19}$/.test(time))
    throw bad('timestamp: expected nanoseconds since 1970')
  return {
    line: string(line, 'line'),
    labels: strings(labels, 'labels'),
    structured_metadata: metadata === undefined ? {} : strings(metadata, 'structured_metadata'),
    timestamp: time,
  }
}

function strings(value: unknown, name: string): Record<string, string> {
  return Object.fromEntries(
    Object.entries(record(value, name)).map(([key, each]) => [key, string(each, `a value of ${name}`)]),
  )
}

function record(value: unknown, name: string): Record<string, unknown> {
  if (typeof value === 'object' && value !== null && !Array.isArray(value))
    return value as Record<string, unknown>
  throw bad(`${name}: expected an object`)
}

function string(value: unknown, name: string): string {
  if (typeof value === 'string') return value
  throw bad(`${name}: expected a string`)
}

function bad(message: string): LogstreamError {
  return new LogstreamError('BAD_INPUT', message)
}
