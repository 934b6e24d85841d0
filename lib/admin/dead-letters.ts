/** The dead letters of the components that run, for the page: how many there are and why, and sending them again. */
import { stat } from 'node:fs/promises'
import { basename } from 'node:path'
import { messageOf } from '../errors.ts'
import type { EndpointArguments } from '../components/loki.write/endpoint-options.ts'
import type { WriteOptions } from '../components/loki.write/loki-write.ts'
import { noteAllReplayed, replayLetters } from '../components/loki.write/replay-letters.ts'
import {
  lettersIn,
  lettersUnder,
  replayedUpTo,
  type FiledLetter,
  type LettersReport,
} from '../delivery/inspect.ts'
import { json, text, type Answer, type Request, type Route } from '../net/server/router.ts'
import type { LetterReason, LettersStatus, ReplayOutcome } from '../page/dead-letters.ts'
import type { Logger } from '../telemetry/log.ts'
import { action, content, type Guard } from './guards.ts'
import { scrub } from './secrets.ts'
import { secretsOf, type Inspected } from './web-api.ts'

export interface LetterBox {
  /** Where components keep their files; `undefined`: nowhere. */
  readonly storagePath: string | undefined
  readonly inspected: Inspected
  readonly log: Logger
}

/** One replay takes this many letters at most, so that the page has its answer within seconds. */
const MOST_AT_ONCE = 20_000
const DEADLINE_MS = 30_000
/** Reasons that are told apart. */
const REASONS = 20

interface FileSummary {
  readonly size: number
  readonly upTo: number
  readonly letters: number
  readonly waiting: number
  readonly since: number | undefined
  readonly reasons: ReadonlyMap<string, LetterReason>
}

/** `prefix` ends with `/`. */
export function deadLetterRoutes(
  guards: { readonly guard?: Guard; readonly actions?: Guard },
  box: LetterBox,
  prefix: string,
): readonly Route[] {
  const known = new Map<string, FileSummary>()
  let listing: Promise<readonly LettersStatus[]> | undefined
  let replaying = false
  return [
    {
      methods: ['GET'],
      path: `${prefix}api/v0/logstream/dead-letters`,
      // Reasons quote labels and times of entries.
      handle: content(guards.guard, async () => {
        listing ??= statuses(box, known).finally(() => (listing = undefined))
        return json(200, await listing)
      }),
    },
    {
      methods: ['POST'],
      path: `${prefix}api/v0/logstream/dead-letters/replay`,
      handle: action(guards.actions, async (request) => {
        if (replaying) return text(409, 'a replay is running: wait until it is done')
        replaying = true
        try {
          return await replay(box, request)
        } finally {
          replaying = false
        }
      }),
    },
  ]
}

async function statuses(
  { storagePath, inspected }: LetterBox,
  known: Map<string, FileSummary>,
): Promise<readonly LettersStatus[]> {
  if (storagePath === undefined) return []
  const found: LettersStatus[] = []
  for (const { component, files, folder } of await lettersUnder(storagePath)) {
    const upTo = await replayedUpTo(folder)
    const summaries: FileSummary[] = []
    for (const file of files) summaries.push(await summaryOf(file, upTo, known))
    found.push(statusOf(component, summaries, writerOf(inspected, component)))
  }
  return found
}

function statusOf(
  component: string,
  summaries: readonly FileSummary[],
  writer: WriteOptions | undefined,
): LettersStatus {
  const sum = (of: (summary: FileSummary) => number): number =>
    summaries.reduce((total, each) => total + of(each), 0)
  const reasons = new Map<string, LetterReason>()
  for (const summary of summaries)
    for (const [key, reason] of summary.reasons)
      reasons.set(key, { ...reason, letters: reason.letters + (reasons.get(key)?.letters ?? 0) })
  const since = Math.min(...summaries.map((each) => each.since ?? Number.POSITIVE_INFINITY))
  return {
    component,
    letters: sum(({ letters }) => letters),
    waiting: sum(({ waiting }) => waiting),
    bytes: sum(({ size }) => size),
    since: Number.isFinite(since) ? since : undefined,
    reasons: [...reasons.values()].sort((a, b) => b.letters - a.letters).slice(0, REASONS),
    stuck:
      writer === undefined
        ? 'the config that runs has no such component: use logstream dlq replay'
        : undefined,
  }
}

// Files only grow, so one that is as it was isn't read again.
async function summaryOf(
  file: string,
  replayed: ReadonlyMap<string, number>,
  known: Map<string, FileSummary>,
): Promise<FileSummary> {
  const { size } = await stat(file)
  const upTo = replayed.get(basename(file)) ?? 0
  const before = known.get(file)
  if (before?.size === size && before.upTo === upTo) return before
  const reasons = new Map<string, LetterReason>()
  let letters = 0
  let waiting = 0
  let since: number | undefined
  for await (const { letter, replayed: sent } of lettersIn(file)) {
    letters++
    if (sent) continue
    waiting++
    since ??= Date.parse(letter.at)
    const reason = withoutDetails(letter.reason)
    const key = `${letter.status} ${reason}`
    reasons.set(key, {
      status: letter.status,
      reason,
      letters: (reasons.get(key)?.letters ?? 0) + 1,
      example: letter.reason.slice(0, 1000),
    })
  }
  const summary: FileSummary = { size, upTo, letters, waiting, since, reasons }
  known.set(file, summary)
  return summary
}

function withoutDetails(reason: string): string {
  return reason
    .slice(0, 400)
    .replaceAll(/\{[^{}]*\}/g, '{…}')
    .replaceAll(/'[^']*'|"[^"]*"/g, '…')
    .replaceAll(/\d[\d.,:TZ-]*/g, '#')
}

async function replay({ storagePath, inspected, log }: LetterBox, { query }: Request): Promise<Answer> {
  const component = query.get('component') ?? ''
  const writer = writerOf(inspected, component)
  if (storagePath === undefined || writer === undefined)
    return text(404, `the config that runs has no loki.write "${component}"`)
  const report = (await lettersUnder(storagePath)).find((each) => each.component === component)
  const { letters, left } = await firstWaiting(report)
  const outcome = { delivered: 0, refused: 0, unsent: 0 }
  let trouble = ''
  try {
    for (const [endpoint, of] of byEndpoint(letters, writer.endpoint)) {
      const result = await replayLetters(
        of.map(({ letter }) => letter),
        {
          write: { ...writer, endpoint: [endpoint] },
          now: query.get('now') === '1',
          log: (line) => (trouble = line),
          deadlineMs: DEADLINE_MS,
        },
      )
      outcome.delivered += result.delivered
      outcome.refused += result.refused
      outcome.unsent += result.unsent
    }
    if (outcome.unsent === 0) await noteAllReplayed(letters)
  } catch (error) {
    return text(500, `the letters could not be replayed: ${messageOf(error)}`)
  }
  const why = outcome.unsent > 0 ? scrub(trouble, secretsOf(inspected)) : undefined
  log.info('dead letters were replayed', { component, ...outcome, why })
  const answer: ReplayOutcome = { ...outcome, left: left + outcome.unsent, why }
  return json(200, answer)
}

async function firstWaiting(
  report: LettersReport | undefined,
): Promise<{ letters: readonly FiledLetter[]; left: number }> {
  const letters: FiledLetter[] = []
  let left = 0
  for (const file of report?.files ?? [])
    for await (const each of lettersIn(file)) {
      if (each.replayed) continue
      if (letters.length < MOST_AT_ONCE) letters.push(each)
      else left++
    }
  return { letters, left }
}

// A letter goes where it came from; to the first endpoint if that one is gone.
function byEndpoint(
  letters: readonly FiledLetter[],
  endpoints: readonly EndpointArguments[],
): ReadonlyMap<EndpointArguments, readonly FiledLetter[]> {
  const found = new Map<EndpointArguments, FiledLetter[]>()
  for (const each of letters) {
    const named = endpoints.find((endpoint) => nameOf(endpoint) === each.letter.endpoint) ?? endpoints[0]!
    const of = found.get(named)
    if (of === undefined) found.set(named, [each])
    else of.push(each)
  }
  return found
}

function nameOf({ name, url }: EndpointArguments): string {
  return name === '' && URL.canParse(url) ? new URL(url).host : name
}

function writerOf(inspected: Inspected, component: string): WriteOptions | undefined {
  const found = inspected
    .details()
    .find(({ fullId, definition }) => fullId === component && definition.name === 'loki.write')
  // The definition says what its decoded options are.
  return found?.options as WriteOptions | undefined
}
