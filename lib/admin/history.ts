/** Metrics of the last hours for the page's charts: read every 15 s, kept in memory, gone with the process. */
import type { Clock, Timer } from '../flow/clock.ts'
import { json, type Route } from '../net/server/router.ts'
import type { MetricHistory } from '../page/history.ts'
import type { History, Reading } from '../telemetry/history.ts'
import type { FamilySnapshot, Metrics } from '../telemetry/metrics.ts'

const EVERY_MS = 15_000
/** The share of the time that reading may take; with very many series it's done less often. */
const BUSIEST = 0.001
/** Points of one answer: about one for each two pixels of a chart. */
const MOST_POINTS = 360

/** What the program itself counts and the page draws, the most important first: of too many the last find no place. */
const OWN = ['logstream_units_', 'logstream_spool_', 'logstream_stage_']

/** Begins to record. The result ends it. `stopwatch` returns milliseconds, and times the reading itself. */
export function keepHistory(
  history: History,
  metrics: Metrics,
  clock: Clock,
  stopwatch = (): number => performance.now(),
): () => void {
  let timer: Timer | undefined
  const read = (): void => {
    const began = stopwatch()
    history.record(clock.now(), readingsOf(metrics))
    const took = stopwatch() - began
    timer = clock.after(Math.max(EVERY_MS, took / BUSIEST), read)
  }
  read()
  return () => timer?.cancel()
}

export function readingsOf(metrics: Metrics): readonly Reading[] {
  const rank = ({ name }: FamilySnapshot): number => {
    const own = OWN.findIndex((prefix) => name.startsWith(prefix))
    // What the config counts comes before the stages, which are many.
    return own < 0 ? 1.5 : own
  }
  return metrics
    .peek(({ name, ofConfig }) => ofConfig || OWN.some((prefix) => name.startsWith(prefix)))
    .sort((a, b) => rank(a) - rank(b))
    .flatMap((family) => (family.type === 'histogram' ? summedUp(family) : plain(family)))
}

function plain({ name, type, samples }: FamilySnapshot): Reading[] {
  return samples.map(({ labels, value }) => ({ name, type, labels: textLabels(labels), value }))
}

// A histogram has a dozen series for each of its label sets; all label sets of a component together tell how long things take.
function summedUp({ type, samples }: FamilySnapshot): Reading[] {
  const sums = new Map<string, Reading & { value: number }>()
  for (const { name = '', labels, value } of samples) {
    const { le, component_id, component_path } = labels
    const kept = textLabels({ component_id, component_path, ...(le === undefined ? {} : { le }) })
    const key = JSON.stringify([name, kept])
    const known = sums.get(key)
    if (known === undefined) sums.set(key, { name, type, labels: kept, value })
    else known.value += value
  }
  return [...sums.values()]
}

function textLabels(labels: Readonly<Record<string, string | number | undefined>>): Record<string, string> {
  return Object.fromEntries(
    Object.entries(labels)
      .filter(([, value]) => value !== undefined)
      .map(([name, value]) => [name, String(value)]),
  )
}

/** `?since=MS`, a moment of Unix time; `?of=stages` for the counts of stages, everything else without it. */
export function historyRoute(history: History, prefix: string): Route {
  return {
    methods: ['GET'],
    path: `${prefix}api/v0/logstream/history`,
    handle: ({ query }) => {
      const stages = query.get('of') === 'stages'
      const since = Number(query.get('since') ?? 0)
      const answer: MetricHistory = history.read(
        ({ name }) => name.startsWith('logstream_stage_') === stages,
        Number.isFinite(since) ? since : 0,
        MOST_POINTS,
      )
      return json(200, answer)
    },
  }
}
