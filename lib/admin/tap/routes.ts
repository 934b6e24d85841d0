/**
 * `/api/v0/logstream/tap/COMPONENT`: streams the entries that the component hands on, or those that a sink takes. With
 * `?stages=1`: what each of its stages did to them.
 */
import type { ServerResponse } from 'node:http'
import type { Clock } from '../../flow/clock.ts'
import { systemClock } from '../../flow/clock.ts'
import { text, type Answer, type Request, type Route } from '../../net/server/router.ts'
import { content, type Guard } from '../guards.ts'
import { LiveAnswer } from './live-answer.ts'
import type { TapMessage } from './messages.ts'
import { componentAt, hasInput, hasOutput, hasStages, type Watched } from './points.ts'
import { Sampler } from './sampler.ts'
import { shownEntry } from './shown.ts'
import { Tracer } from './tracer.ts'

/** Entries a second: more than anyone can read, and few enough not to slow the pipeline. */
const ENTRIES = 100
const TRACES = 20
const COUNTS_MS = 1000
/** Taps open at the same time. */
const MOST_TAPS = 32

export interface TapOptions {
  readonly watched: Watched
  readonly guard?: Guard
  readonly clock?: Clock
}

/** `prefix` ends with `/`. */
export function tapRoutes(
  { watched, guard, clock = systemClock }: TapOptions,
  prefix: string,
): readonly Route[] {
  const root = `${prefix}api/v0/logstream/tap/`
  let open = 0
  const begin = (request: Request, response: ServerResponse): Answer | undefined => {
    const details = componentAt(watched.details(), request.path.slice(root.length))
    if (details === undefined) return text(404, 'the config that runs has no such component')
    const stages = request.query.get('stages') === '1'
    if (stages && !hasStages(details))
      return text(
        400,
        `${details.fullId} has no stages: only components that take entries and hand them on have`,
      )
    if (!hasInput(details) && !hasOutput(details))
      return text(400, `no entries pass through ${details.fullId}`)
    if (open >= MOST_TAPS) return text(503, `${MOST_TAPS} taps are open already: close one of them`)
    // Asks only whether the component can be tapped.
    if (request.method === 'HEAD') return text(200, '')
    const answer = new LiveAnswer(response, 'application/x-ndjson; charset=utf-8')
    open++
    answer.onEnd(() => open--)
    const sampler = new Sampler(stages ? TRACES : ENTRIES)
    let sent = 0
    const send = (message: TapMessage): void => {
      if (answer.write(`${JSON.stringify(message)}\n`) && message.kind !== 'counts') sent++
    }
    const count = (): void => send({ kind: 'counts', seen: sampler.seen, sent, skipped: answer.skipped })
    count()
    answer.every(COUNTS_MS, count)
    const source: Source = { watched, clock, sampler, send }
    for (const end of stages ? trace(source, details.fullId) : show(source, details)) answer.onEnd(end)
    return undefined
  }
  return [{ methods: ['GET'], path: `${root}*`, handle: content(guard, begin) }]
}

interface Source {
  readonly watched: Watched
  readonly clock: Clock
  readonly sampler: Sampler
  readonly send: (message: TapMessage) => void
}

type Details = ReturnType<Watched['details']>[number]

function show({ watched, clock, sampler, send }: Source, details: Details): (() => void)[] {
  const { fullId } = details
  const watch = hasOutput(details) ? watched.watchOutput.bind(watched) : watched.watch.bind(watched)
  return [
    watch(fullId, (batch) => {
      for (const entry of sampler.pick(batch.peek(), clock.now()))
        send({ kind: 'entry', entry: shownEntry(entry) })
    }),
  ]
}

function trace({ watched, clock, sampler, send }: Source, fullId: string): (() => void)[] {
  const tracer = new Tracer(send)
  return [
    watched.watch(fullId, (batch) => {
      for (const entry of sampler.pick(batch.follow(), clock.now())) tracer.follow(entry)
    }),
    watched.watchStages(fullId, tracer),
    watched.watchOutput(fullId, (batch) => tracer.out(batch)),
  ]
}
