/**
 * `filter` and `map`: functions of a program as stages. They settle what they drop, which a Transform written by hand
 * easily forgets; a source then waits for ever for the lines that it read.
 */
import type { Duplex } from 'node:stream'
import type { Entry } from '../flow/entry.ts'
import { dropped, type Outcome } from '../flow/outcome.ts'
import { LogstreamError, messageOf } from '../errors.ts'
import { loggerFor, type LibraryLogger } from '../telemetry/library-log.ts'
import type { StageContext, StageDefinition, Verdict } from './component.ts'
import { libraryContext } from './context.ts'
import { createStage } from './stage.ts'
import { stageStream } from './stage-stream.ts'

/** What `filter` and `map` take beside their function. */
export interface EntryFunctionOptions {
  /** Name in metrics, drop reasons and log lines; `filter` or `map` if left out. */
  readonly id?: string
  /** How many calls may run at once where the function returns promises; 16 if left out. Order is kept in any case. */
  readonly concurrency?: number
  /** Told when the function throws. */
  readonly logger?: LibraryLogger
  /** `false`: single entries come out instead of batches. */
  readonly batches?: boolean
}

/**
 * A Transform that lets through the entries for which `keep` returns true, or a promise of it. The others are settled as
 * dropped, with the reason `filtered`. An entry for which `keep` throws is dropped too, with the reason `filter_failed`.
 *
 * @example
 * await pipeline(fileTail({ path: 'app.log' }), filter(({ line }) => !line.includes('DEBUG')), lokiWriter({ url }))
 */
export function filter(
  keep: (entry: Entry) => boolean | Promise<boolean>,
  options: EntryFunctionOptions = {},
): Duplex {
  checkFunction('filter', keep)
  const verdict = (kept: boolean): Verdict => (kept ? undefined : FILTERED)
  return functionStream(
    'filter',
    (entry) => {
      const kept = keep(entry)
      return kept instanceof Promise ? kept.then(verdict) : verdict(kept)
    },
    options,
  )
}

const FILTERED = dropped('filtered')

/**
 * A Transform that calls `change` with each entry, which may change it in place. What it returns, or promises, follows:
 * nothing or the entry itself keeps it, a string becomes its line, `null` drops it with the reason `mapped_away`, and a list
 * replaces it; make its entries with `entry.split(count)`, so that the source learns when all of them have ended. An
 * entry for which `change` throws is dropped with the reason `map_failed`.
 *
 * @example
 * map(async (entry) => {
 *   entry.labels = entry.labels.with('team', await teamOf(entry.labels.get('app')))
 * })
 */
export function map(
  change: (entry: Entry) => MapResult | Promise<MapResult>,
  options: EntryFunctionOptions = {},
): Duplex {
  checkFunction('map', change)
  const verdict = (entry: Entry, result: MapResult): Verdict => {
    if (result === null) return MAPPED_AWAY
    if (typeof result === 'string') entry.line = result
    else if (Array.isArray(result)) return result.length === 0 ? MAPPED_AWAY : (result as Entry[])
    else if (result !== undefined && result !== entry) return [result as Entry]
    return undefined
  }
  return functionStream(
    'map',
    (entry) => {
      const result = change(entry)
      return result instanceof Promise ? result.then((each) => verdict(entry, each)) : verdict(entry, result)
    },
    options,
  )
}

/** What a function of `map` may return. */
export type MapResult = Entry | readonly Entry[] | string | null | undefined | void

const MAPPED_AWAY = dropped('mapped_away')

function checkFunction(name: string, given: unknown): void {
  if (typeof given !== 'function')
    throw new LogstreamError(
      'BAD_ARGUMENT',
      `${name}: expected a function of an entry, found ${typeof given}`,
    )
}

function functionStream(
  kind: 'filter' | 'map',
  call: (entry: Entry) => Verdict | Promise<Verdict>,
  { id = kind, concurrency = 16, logger, batches }: EntryFunctionOptions,
): Duplex {
  const base = libraryContext(id)
  const context = logger === undefined ? base : { ...base, log: loggerFor(logger, id) }
  const failed = dropped(`${kind}_failed`)
  const definition: StageDefinition = {
    name: kind,
    summary: '',
    fields: {},
    create: (_options, ctx) => ({ run: (entries) => runAll(entries, call, failed, concurrency, ctx) }),
  }
  return stageStream([createStage(definition, {}, context)], { context, batches })
}

/** Without a promise among the results the batch is done in the same turn of the event loop. */
function runAll(
  entries: Entry[],
  call: (entry: Entry) => Verdict | Promise<Verdict>,
  failed: Outcome,
  concurrency: number,
  ctx: StageContext,
): Entry[] | Promise<Entry[]> {
  const verdicts: Verdict[] = []
  const onError = (error: unknown): Outcome => {
    ctx.log.error('a function failed, and its entry was dropped', { error: messageOf(error) })
    return failed
  }
  const running = new Set<Promise<void>>()
  const start = (i: number): void => {
    try {
      const verdict = call(entries[i]!)
      if (!(verdict instanceof Promise)) return void (verdicts[i] = verdict)
      const ended = verdict.catch(onError).then((each) => {
        verdicts[i] = each
        running.delete(ended)
      })
      running.add(ended)
    } catch (error) {
      verdicts[i] = onError(error)
    }
  }
  const from = (next: number): Entry[] | Promise<Entry[]> => {
    for (let i = next; i < entries.length; i++) {
      start(i)
      if (running.size >= concurrency) return Promise.race(running).then(() => from(i + 1))
    }
    return running.size === 0
      ? sorted(entries, verdicts, ctx)
      : Promise.all(running).then(() => sorted(entries, verdicts, ctx))
  }
  return from(0)
}

function sorted(entries: readonly Entry[], verdicts: readonly Verdict[], ctx: StageContext): Entry[] {
  const out: Entry[] = []
  entries.forEach((entry, i) => {
    const verdict = verdicts[i]
    if (verdict === undefined) out.push(entry)
    else if (Array.isArray(verdict)) out.push(...verdict)
    else ctx.drop(entry.ack, verdict)
  })
  return out
}
